import path from 'node:path';
import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import type { Change, ChangeCounts } from '../importer/changes.ts';
import type { Target } from '../importer/import-relations.ts';
import { biggestMovers } from '../importer/movers.ts';
import { findRun } from '../run/runs.ts';
import { inFolder } from '../storage/storage.ts';
import { withTemporaryFolder } from '../storage/temporary-folder.ts';
import { compareSides } from './compare-sides.ts';
import { copyChanges } from './copy-changes.ts';
import type { ListFormat } from './list-formats.ts';

/** Relations that are compared: of a file, of a table, or of a run of a work folder. */
export type DiffSide = Target | { readonly kind: 'run'; readonly work: string; readonly run: string };

export interface DiffOptions {
  /** Where the changes go, and in which format; by default they are only counted. */
  readonly changes?: { readonly out: string; readonly format: Exclude<ListFormat, 'table'> } | undefined;
}

/** What turns the old relations into the new ones, in relations unless it says something else. */
export interface Difference extends ChangeCounts {
  readonly before: number;
  readonly after: number;
  /** Distinct sources. */
  readonly sourcesAfter: number;
  /** The relations whose weight changed most. */
  readonly movers: readonly Change[];
}

/**
 * Compares two sets of relations, row by row in the order of their ids. Memory does not grow with them, but for one case: two files in
 * different orders of ids, of which one is sorted in memory, at some 150 bytes a relation. The changes take a temporary file.
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
  const [before, after] = [await targetOf(old, effects), await targetOf(next, effects)];
  return await withTemporaryFolder(async (folder) => {
    const spool = path.join(folder, 'changes.tsv');
    const counts = await compareSides(before, after, spool, effects);
    if (options.changes !== undefined) {
      await copyChanges(spool, options.changes.out, options.changes.format, effects);
    }
    const { added, changed, removed, unchanged, sourcesBefore, gained, lost } = counts;
    return {
      ...counts,
      before: unchanged + changed + removed,
      after: unchanged + changed + added,
      sourcesAfter: sourcesBefore + gained.count - lost.count,
      movers: await biggestMovers(spool, effects),
    };
  });
}

async function targetOf(side: DiffSide, effects: Effects): Promise<Target> {
  if (side.kind !== 'run') {
    return side;
  }
  const { folder } = await findRun(side.work, side.run, effects);
  return { kind: 'file', location: inFolder(folder, 'relations.tsv.gz') };
}
