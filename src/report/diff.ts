import path from 'node:path';
import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import type { Change, ChangeCounts } from '../importer/changes.ts';
import type { Target } from '../importer/import-relations.ts';
import { biggestMovers, type Movers } from '../importer/movers.ts';
import { findRun } from '../run/runs.ts';
import { sourceFolderOf } from '../run/source-folder.ts';
import { inFolder } from '../storage/storage.ts';
import { withTemporaryFolder } from '../storage/temporary-folder.ts';
import { compareSides } from './compare-sides.ts';
import { copyChanges } from './copy-changes.ts';
import type { ListFormat } from './list-formats.ts';
import { type Names, readNames } from './names.ts';

/** Relations that are compared: of a file, of a table, or of a run of a work folder. */
export type DiffSide = Target | { readonly kind: 'run'; readonly work: string; readonly run: string };

export interface DiffOptions {
  /** Where the changes go, and in which format; by default they are only counted. */
  readonly changes?: { readonly out: string; readonly format: Exclude<ListFormat, 'table'> } | undefined;
  /** Where the names of the movers are; by default they get none. */
  readonly names?: DiffNames | undefined;
}

/** A table of product names. */
export interface DiffNames {
  /** Default: `products.tsv` beside the relations, or the source of a run, if there is one. */
  readonly file?: string | undefined;
  /** Its column of the id. */
  readonly productColumn: string;
}

/** A relation that moved, with the names of its products where they have one. */
export interface Mover extends Change {
  readonly sourceName: string | undefined;
  readonly targetName: string | undefined;
}

/** What turns the old relations into the new ones, in relations unless it says something else. */
export interface Difference extends ChangeCounts, Movers {
  readonly before: number;
  readonly after: number;
  /** Distinct sources. */
  readonly sourcesAfter: number;
  readonly movers: readonly Mover[];
}

/**
 * Compares two sets of relations, row by row in the order of their ids. Memory does not grow with them. The changes take a temporary file, what
 * comes from a pipe another one, and of two files in different orders of ids the one takes some others.
 *
 * @throws ExpectedFailure when a side is not there, cannot be read, or holds something else than relations
 */
export async function diff(
  old: DiffSide,
  next: DiffSide,
  options: DiffOptions = {},
  given: Partial<Effects> = {},
): Promise<Difference> {
  const effects = defaultEffects(given);
  const [before, after] = [await placeOf(old, effects), await placeOf(next, effects)];
  const { productColumn, file } = options.names ?? {};
  const folders = [...after.folders, ...before.folders];
  const names: Names = productColumn === undefined ? new Map() : await readNames(file, folders, productColumn, effects);
  return await withTemporaryFolder(async (folder) => {
    const spool = path.join(folder, 'changes.tsv');
    const counts = await compareSides(before.target, after.target, spool, effects);
    const { added, changed, removed, unchanged, sourcesBefore, gained, lost } = counts;
    const { movers, movedAsFar } = await biggestMovers(spool, counts, effects);
    if (options.changes !== undefined) {
      await copyChanges(spool, counts, options.changes.out, options.changes.format, effects);
    }
    return {
      ...counts,
      before: unchanged + changed + removed,
      after: unchanged + changed + added,
      sourcesAfter: sourcesBefore + gained.count - lost.count,
      movers: movers.map((change) => ({
        ...change,
        sourceName: names.get(change.source),
        targetName: names.get(change.target),
      })),
      movedAsFar,
    };
  });
}

/** Where relations are, and the folders that may hold the names of their products. */
interface Place {
  readonly target: Target;
  readonly folders: readonly string[];
}

async function placeOf(side: DiffSide, effects: Effects): Promise<Place> {
  if (side.kind !== 'run') {
    return { target: side, folders: side.kind === 'file' ? [path.dirname(side.location)] : [] };
  }
  const run = await findRun(side.work, side.run, effects);
  const sourceFolder = sourceFolderOf(run);
  return {
    target: { kind: 'file', location: inFolder(run.folder, 'relations.tsv.gz') },
    folders: sourceFolder === undefined ? [] : [sourceFolder],
  };
}
