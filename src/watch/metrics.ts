import type { Figure, Manifest, StageRecord } from '../run/manifest.ts';
import { type Outcome, secondsOf } from './outcome.ts';
import { formatGauges, type Gauge } from './prometheus-text.ts';

/** All names begin so. */
const prefix = 'also_viewed_';

const lastSuccess = `${prefix}last_success_timestamp_seconds`;

/** What each stage counts as its rows: written by the export, read by relating, written to the target by publishing. */
const rowsOf: Readonly<Record<StageRecord['name'], readonly string[]>> = {
  export: ['rows'],
  relate: ['rows'],
  check: [],
  publish: ['added', 'changed', 'removed'],
};

/**
 * The metrics of a run, as node_exporter's textfile collector takes them. What is not known is left out.
 *
 * @param store a label of all of them
 * @param before the metrics of the run before, from which a failed one takes when the last success was
 */
export function formatMetrics(outcome: Outcome, store: string | undefined, before: string): string {
  const { manifest, exitCode, finishedAt } = outcome;
  const own = store === undefined ? {} : { store };
  const gauge = (name: string, help: string, value: number | undefined): Gauge => ({
    name: prefix + name,
    help,
    samples: value === undefined ? [] : [{ labels: own, value }],
  });
  const stages = manifest?.stages ?? [];
  const perStage = (name: string, help: string, figureOf: (stage: StageRecord) => number | undefined): Gauge => ({
    name: prefix + name,
    help,
    samples: stages.flatMap((stage) => {
      const value = figureOf(stage);
      return value === undefined ? [] : [{ labels: { ...own, stage: stage.name }, value }];
    }),
  });
  const publish = stages.find(({ name }) => name === 'publish')?.counts ?? {};
  return formatGauges([
    gauge('last_run_timestamp_seconds', 'When the last run ended, in Unix time.', finishedAt.getTime() / 1000),
    gauge(
      lastSuccess.slice(prefix.length),
      'When the last run that succeeded ended, in Unix time.',
      outcome.failure === undefined ? finishedAt.getTime() / 1000 : lastSuccessIn(before),
    ),
    gauge('exit_code', 'Exit code of the last run; 0 is success.', exitCode),
    gauge('run_duration_seconds', 'How long the last run took.', secondsOf(outcome)),
    perStage('stage_duration_seconds', 'How long a stage of the last run took.', stageSeconds),
    perStage('stage_rows', 'Rows that a stage of the last run exported, related or wrote to the target.', (stage) =>
      sum(stage.counts, rowsOf[stage.name]),
    ),
    gauge('relations', 'Relations that the last run published.', numberOf(publish['relations'])),
    gauge('sources', 'Products with relations that the last run published.', numberOf(publish['sources'])),
    gauge(
      'changed_share',
      'Share of the relations, old and new, that the last run added, changed or removed; 0 to 1.',
      changedShare(publish),
    ),
    gauge('rejected_rows', 'Rows of the views that the last run rejected.', manifest && rejectedRows(manifest)),
  ]);
}

/** In seconds of Unix time, from metrics that this module wrote. */
function lastSuccessIn(metrics: string): number | undefined {
  const line = metrics.split('\n').find((each) => each.startsWith(lastSuccess));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

function stageSeconds({ startedAt, finishedAt }: StageRecord): number | undefined {
  return finishedAt === undefined
    ? undefined
    : secondsOf({ startedAt: new Date(startedAt), finishedAt: new Date(finishedAt) });
}

function changedShare(publish: Readonly<Record<string, Figure>>): number | undefined {
  const touched = sum(publish, rowsOf.publish);
  const unchanged = numberOf(publish['unchanged']);
  return touched === undefined || unchanged === undefined ? undefined : touched / Math.max(1, touched + unchanged);
}

/** A stage that failed counted nothing, but the file of rejected rows is whole even then; of those on a cluster it may not list all. */
function rejectedRows({ stages, artefacts }: Manifest): number {
  const counted = stages.reduce((all, { counts }) => all + (numberOf(counts['rejected']) ?? 0), 0);
  return Math.max(counted, artefacts.find(({ name }) => name === 'rejected.tsv')?.lines ?? 0);
}

/** `undefined` unless all of them are there. */
function sum(counts: Readonly<Record<string, Figure>>, names: readonly string[]): number | undefined {
  const figures = names.map((name) => numberOf(counts[name]));
  return figures.length === 0
    ? undefined
    : figures.reduce((all, each) => (all === undefined || each === undefined ? undefined : all + each), 0);
}

function numberOf(figure: Figure | undefined): number | undefined {
  return typeof figure === 'number' ? figure : undefined;
}
