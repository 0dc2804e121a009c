import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import type { Related } from '../engine/engine.ts';
import { checkSettings, columnsOf, type RelateSettings, relateTo } from '../engine/relate.ts';
import { type Exported, exportSource, type Source } from '../exporter/export-source.ts';
import { withCatalogue } from '../exporter/with-catalogue.ts';
import { checkTarget, type Imported } from '../importer/import-relations.ts';
import { logWith } from '../log-with.ts';
import type { Column } from '../mysql/columns.ts';
import { RejectedRows } from '../tsv/rejected-rows.ts';
import { withLimit } from '../with-limit.ts';
import { digestOf } from './digest-of.ts';
import { catalogueName, type Manifest, pathCountsName } from './manifest.ts';
import { pruneRuns, type Retention } from './prune-runs.ts';
import { agree, type PublishOptions, publishStage } from './publish-stage.ts';
import { resume } from './resume.ts';
import { RunRecord } from './run-record.ts';
import { type WorkLock, withWorkLock } from './work-lock.ts';

export interface RunOptions extends RelateSettings, PublishOptions, Retention {
  readonly source: Source;
  /** Goes on with an earlier run, the newest unless its id is given, behind the last stage that need not be done again. */
  readonly resume?: { readonly id: string | undefined } | undefined;
  /** Gets the record of the run once there is one; it changes as the run goes on. */
  readonly observe?: ((manifest: Manifest) => void) | undefined;
}

export interface RunResult {
  readonly id: string;
  readonly folder: string;
  readonly related: Related;
  readonly published: Imported;
  readonly manifest: Manifest;
}

/** What removing old runs may take after a failure, in milliseconds: S3 may be what the run failed for. */
const failedPruneMs = 10_000;

/**
 * The whole job as one recorded run: views are exported, related, checked and published. What each stage counted must agree with the next
 * one's figures; the target is only written to when everything before it did.
 *
 * @throws ExpectedFailure `tryLater` when another run holds the work folder; as the stages do, and when figures disagree; the manifest in the run's folder says how far it came
 */
export async function run(options: RunOptions, given: Partial<Effects> = {}): Promise<RunResult> {
  const effects = defaultEffects(given);
  await checkTarget(options.target, options);
  withCatalogue(options.source, options.products, catalogueName);
  await checkSettings(options, effects);
  return await withWorkLock(options.work, options.wait, effects, (lock, locked) => runLocked(options, lock, locked));
}

async function runLocked(options: RunOptions, lock: WorkLock, effects: Effects): Promise<RunResult> {
  const { work } = options;
  const before = options.resume && (await resume(work, options.resume.id, options, lock, effects));
  const record = before?.record ?? (await RunRecord.start(work, options, lock, effects));
  options.observe?.(record.manifest);
  const log = logWith(effects.log, { run: record.id });
  const prune = (signal: AbortSignal): Promise<void> =>
    pruneRuns(work, record.id, options, lock, { ...effects, log, signal });
  effects.log.info(`Run ${record.id} in ${record.folder}`, { run: record.id });
  try {
    const exported = before?.exported ?? (await exportStage(record, options));
    const related = before?.related ?? (await relateStage(record, exported, options));
    await checkStage(record, exported, related);
    const published = await publishStage(record, { ...related, product: exported.product }, options);
    await record.succeed();
    await prune(effects.signal);
    return { id: record.id, folder: record.folder, related, published, manifest: record.manifest };
  } catch (error) {
    await record.fail(error);
    // Failing nights would fill the disk, for which they may fail. Not for a job that is to stop, or has lost the folder.
    if (!effects.signal.aborted) {
      await prune(withLimit(effects.signal, failedPruneMs));
    }
    throw error;
  }
}

async function exportStage(record: RunRecord, options: RunOptions): Promise<Exported> {
  const columns = columnsOf(options);
  return await record.stage('export', async (effects) => {
    const rejected = new RejectedRows(record.file('rejected.tsv'), effects);
    const exported = await exportSource(
      withCatalogue(options.source, options.products, record.file(catalogueName)),
      columns,
      record.file('views.tsv.gz'),
      rejected,
      effects,
      options.target.kind === 'file' ? [options.target.location] : [],
    ).finally(() => record.keep(rejected.artefact));
    const { artefact, rows, nulls, product, catalogue } = exported;
    record.keepProduct(product);
    const counts = { rows, nulls, rejected: rejected.count };
    return catalogue === undefined
      ? { counts, artefacts: [artefact], value: exported }
      : { counts: { ...counts, catalogue: catalogue.lines - 1 }, artefacts: [artefact, catalogue], value: exported };
  });
}

async function relateStage(record: RunRecord, exported: Exported, options: RunOptions): Promise<Related> {
  // The rows of files were judged when they were exported, with their own places; those of a table are judged here.
  const location = options.source.kind === 'files' ? undefined : record.file('rejected.tsv');
  return await record.stage('relate', async (effects) => {
    const rejected = new RejectedRows(location, effects);
    const products = exported.catalogue?.location ?? options.products;
    const settings = {
      ...options,
      products,
      ids: idsOf(options, exported.product),
      pathCounts: record.file(pathCountsName),
      run: { id: record.id, resumed: options.resume !== undefined },
    };
    // So that a resumed run knows whether the catalogue is another one by then; read before it is used.
    const productsSha256 = products === undefined ? undefined : await digestOf(products, effects);
    const relating = relateTo(
      [exported.artefact.location],
      record.file('relations.tsv.gz'),
      rejected,
      settings,
      effects,
    );
    if (options.engine !== undefined && options.engine !== 'local') {
      // Ending a job of a cluster takes longer than a stage that is told to stop is waited for.
      record.keepFolderFor(relating);
    }
    const related = await relating.finally(() => record.keep(rejected.artefact));
    const { files: _, order, leftOut, artefact, pathCounts, ...counts } = related;
    return {
      counts: {
        ...counts,
        order,
        leftOutPaths: leftOut.paths,
        leftOutPairs: leftOut.pairs,
        ...(productsSha256 === undefined ? {} : { productsSha256 }),
      },
      artefacts: pathCounts === undefined ? [artefact] : [artefact, pathCounts],
      value: related,
    };
  });
}

/** The order is the one in which the target table will sort; without a table, what the data says. */
function idsOf(options: RunOptions, product: Column | undefined): RelateSettings['ids'] {
  return options.ids !== undefined && options.ids !== 'auto'
    ? options.ids
    : product === undefined || product.kind === 'integer'
      ? 'auto'
      : 'text';
}

async function checkStage(record: RunRecord, exported: Exported, related: Related): Promise<void> {
  await record.stage('check', async () => {
    agree('rows exported', exported.rows, 'rows related', related.rows);
    agree('relations', related.relations, 'lines of relations.tsv.gz', related.artefact.lines);
    return { counts: { weight: related.weight, identities: true }, artefacts: [], value: undefined };
  });
}
