import { stat } from 'node:fs/promises';
import path from 'node:path';
import { answered } from '../answered.ts';
import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { Artefact } from '../storage/output.ts';
import { withTemporaryFolder } from '../storage/temporary-folder.ts';
import type { Change, ChangeCounts } from './changes.ts';
import { passGate } from './gate.ts';
import { defaultLimits, type GateLimits } from './gate-limits.ts';
import { gatherRelations } from './gather-relations.ts';
import { importFile } from './import-file.ts';
import { type ImportTableOptions, importTable, type MysqlTable } from './import-table.ts';
import { biggestMovers, type Movers } from './movers.ts';
import type { TargetPast } from './past-of-table.ts';
import type { ImportRun } from './provenance.ts';
import { newRunId } from './run-id.ts';
import type { Comparison } from './spool-changes.ts';

export type { MysqlTable };

/** What is made equal to a relations file: a table, or another relations file. */
export type Target =
  | { readonly kind: 'table'; readonly table: MysqlTable }
  | { readonly kind: 'file'; readonly location: string };

export interface ImportOptions extends Omit<ImportTableOptions, 'judge' | 'run' | 'keepChanges'> {
  /** How many relations the file holds, where that is known: for the progress. */
  readonly relations?: number | undefined;
  /** The digest of their content, where that is known: what has another one is not published. */
  readonly sha256?: string | undefined;
  /** The run that publishes; default: one of its own. */
  readonly run?: ImportRun | undefined;
  /** The store that publishes, where one configuration is for several: a table that another one published to last is refused. */
  readonly store?: string | undefined;
  /** What a publication may change; what is left out has its default. */
  readonly limits?: Partial<GateLimits> | undefined;
  /** Publishes what the limits would refuse; says why. */
  readonly accept?: string | undefined;
  /** The views behind the old and the new relations, as far as they are known. */
  readonly views?: { readonly before: number | undefined; readonly after: number } | undefined;

  /** Where the changes are kept: `op TAB source TAB target TAB old weight TAB new weight`. By default they go with the import. */
  readonly changes?: string | undefined;
}

/** Figures of an import, in relations unless they say something else. */
export interface Imported extends Omit<ChangeCounts, 'sourcesBefore'>, Movers {
  readonly relations: number;
  /** Distinct sources. */
  readonly sources: number;
  /** What was over the limits; published all the same because it was accepted. */
  readonly accepted: readonly string[];
  /** None unless nothing was published (`dryRun`). */
  readonly movers: readonly Change[];
  /** `undefined` unless they were asked for. */
  readonly changes: Artefact | undefined;
}

/**
 * Makes a target equal to a relations file, in three stages: check the file, compare it with the target, apply the changes. Nothing is
 * written before the first two have found nothing wrong. Memory does not grow with the relations.
 *
 * @param relations a path, `-` for standard input, or an `s3://` address; `.gz` is inflated. Several of them, folders and globs are sorted parts
 * @throws ExpectedFailure `usage` when the target is `-`, a pipe, a file of another format or one that is to be swapped, `badData` when the file is no relations file or does not fit the target,
 *   `configuration` when the table cannot be used, `noPermission`, `tryLater` when another import is at work, `unavailable` when the server
 *   goes away; after the last one each source has its old or its new list, and importing again finishes the work
 */
export async function importRelations(
  relations: string | readonly string[],
  target: Target,
  options: ImportOptions = {},
  given: Partial<Effects> = {},
): Promise<Imported> {
  const effects = defaultEffects(given);
  await checkTarget(target, options);
  const locations = typeof relations === 'string' ? [relations] : relations;
  return await withTemporaryFolder(async (folder) => {
    const gathered = await gatherRelations(locations, folder, effects);
    const file = { ...gathered, relations: options.relations, sha256: options.sha256 };
    // Packing takes longer than writing; what is kept is packed as its name says.
    const spool = options.changes ?? path.join(folder, 'changes.tsv');
    const accepted: string[] = [];
    const judge = (comparison: Comparison, past: TargetPast): void => {
      accepted.push(...judged(comparison, past, options, effects));
    };
    const comparison =
      target.kind === 'table'
        ? await importTable(
            file,
            target.table,
            spool,
            {
              ...options,
              judge,
              keepChanges: options.changes !== undefined,
              run: options.run ?? ownRun(locations, options, effects),
            },
            effects,
          )
        : await importFile(file, target.location, spool, { ...options, judge }, effects);
    const { sourcesBefore: _, ...figures } = comparison.counts;
    return {
      relations: comparison.relations.relations,
      sources: comparison.relations.sources,
      ...figures,
      accepted,
      ...(options.dryRun === true
        ? await biggestMovers(spool, comparison.counts, effects)
        : { movers: [], movedAsFar: 0 }),
      changes: options.changes === undefined ? undefined : comparison.changes,
    };
  });
}

/** @throws ExpectedFailure `usage` when the target cannot be published to in that way, whatever the relations are */
export async function checkTarget(target: Target, { swap }: Pick<ImportOptions, 'swap'>): Promise<void> {
  if (target.kind === 'table') {
    return;
  }
  const { location } = target;
  if (location === '-' || (await isPipe(location))) {
    const what = location === '-' ? 'standard output' : `the pipe ${location}`;
    throw new ExpectedFailure('usage', `Cannot import to ${what}: what is there already cannot be compared`, {
      remedy: 'Name a file or a table.',
    });
  }
  if (/\.(csv|jsonl)(\.gz)?$/i.test(location)) {
    throw new ExpectedFailure(
      'usage',
      `Cannot import to ${location}: what is published is TSV, and its name says otherwise`,
      {
        remedy: 'Name a file that ends in .tsv or .tsv.gz; `also-viewed relate` writes the other formats.',
      },
    );
  }
  if (swap === true) {
    throw new ExpectedFailure('usage', `Cannot swap ${location}: a file is replaced as a whole anyway`, {
      remedy: 'Leave --swap out, or name a mysql:// target.',
    });
  }
}

/** Whoever reads such a one waits for what nobody writes. */
async function isPipe(location: string): Promise<boolean> {
  const found = await answered(
    location,
    undefined,
    stat(location).catch(() => undefined),
  );
  return found !== undefined && (found.isFIFO() || found.isSocket());
}

/** What is over the limits, if that may pass. */
function judged(
  { relations: { relations, sources }, counts: changes }: Comparison,
  past: TargetPast,
  { limits, accept, views, dryRun, store }: ImportOptions,
  { log, number }: Effects,
): string[] {
  const before = {
    // A part of a first load is not what a publication is measured by.
    relations: past.isFirst ? 0 : changes.unchanged + changes.changed + changes.removed,
    sources: changes.sourcesBefore,
    views: views?.before,
    store: past.store,
  };
  const given = { before, after: { relations, sources, views: views?.after, store }, changes };
  const reasons = passGate(given, { ...defaultLimits, ...limits }, dryRun === true ? 'a dry run' : accept, number);
  for (const reason of reasons) {
    log.warn(dryRun === true ? `Would be refused: ${reason}` : `Accepted (${accept}): ${reason}`);
  }
  return reasons;
}

/** Relations that no run made are published as one, so that the table of runs tells what the target holds. */
function ownRun(locations: readonly string[], { accept, store }: ImportOptions, effects: Effects): ImportRun {
  const startedAt = effects.now();
  const relations = locations.length === 1 ? locations[0] : locations;
  return {
    id: newRunId(startedAt, effects),
    startedAt,
    parameters: JSON.stringify({ relations, store, 'accept-changes': accept }),
  };
}
