import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, fileFailure } from '../failure.ts';
import type { Artefact } from '../storage/output.ts';
import { storageOf } from '../storage/storage.ts';
import { checkRelations } from './check-relations.ts';
import { copyFile } from './copy-file.ts';
import { importFile } from './import-file.ts';
import { type ImportTableOptions, importTable, type MysqlTable } from './import-table.ts';

export type { MysqlTable };

/** What is made equal to a relations file: a table, or another relations file. */
export type Target =
  | { readonly kind: 'table'; readonly table: MysqlTable }
  | { readonly kind: 'file'; readonly location: string };

export interface ImportOptions extends ImportTableOptions {
  /** Where the changes are kept: `op TAB source TAB target TAB old weight TAB new weight`. By default they go with the import. */
  readonly changes?: string | undefined;
}

/** Figures of an import, in relations unless they say something else. */
export interface Imported {
  readonly relations: number;
  /** Distinct sources. */
  readonly sources: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** `undefined` unless they were asked for. */
  readonly changes: Artefact | undefined;
}

/**
 * Makes a target equal to a relations file, in three stages: check the file, compare it with the target, apply the changes. Nothing is
 * written before the first two have found nothing wrong. Memory does not grow with the relations, but for one case: an old file in the
 * other order of ids is sorted in memory, at some 100 bytes a relation.
 *
 * @param relations a path, `-` for standard input, or an `s3://` address; `.gz` is inflated
 * @throws ExpectedFailure `usage` when the target is `-`, `badData` when the file is no relations file or does not fit the target,
 *   `configuration` when the table cannot be used, `noPermission`, `tryLater` when another import is at work, `unavailable` when the server
 *   goes away; after the last one each source has its old or its new list, and importing again finishes the work
 */
export async function importRelations(
  relations: string,
  target: Target,
  options: ImportOptions = {},
  given: Partial<Effects> = {},
): Promise<Imported> {
  const effects = defaultEffects(given);
  if (target.kind === 'file' && target.location === '-') {
    throw new ExpectedFailure('usage', 'Cannot import to standard output: what is there already cannot be compared', {
      remedy: 'Name a file or a table.',
    });
  }
  return await withTemporaryFolder(async (folder) => {
    let location = relations;
    const storage = await storageOf(relations, effects);
    if (!(await storage.standsInFolder(relations))) {
      // Standard input and pipes can be read once, and the relations are read twice.
      location = path.join(folder, 'relations.tsv');
      await copyFile(relations, location, effects);
    }
    const checked = await checkRelations(location, effects, relations);
    const spool = options.changes ?? path.join(folder, 'changes.tsv.gz');
    const { artefact, counts } =
      target.kind === 'table'
        ? await importTable(checked, target.table, spool, options, effects)
        : await importFile(checked, target.location, spool, effects);
    return {
      relations: checked.relations,
      sources: checked.sources,
      ...counts,
      changes: options.changes === undefined ? undefined : artefact,
    };
  });
}

async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'also-viewed-')).catch((error: unknown) => {
    throw fileFailure('write', tmpdir(), error);
  });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
