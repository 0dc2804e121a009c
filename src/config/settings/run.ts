import { inFolder } from '../../storage/storage.ts';
import type { Setting } from '../setting.ts';

/** The run, and who is told how it goes. */
export const runSettings = {
  work: {
    kind: 'folder',
    in: ['work', 'uri'],
    ofStore: inFolder,
    default: 'also-viewed-work',
    description: 'folder or s3:// prefix of the runs',
  },
  wait: {
    kind: 'duration',
    usual: 'exit 75 at once',
    description: 'wait for another run on the work folder or the table: 30s, 10m, 2h',
  },
  'stage-timeout': {
    kind: 'limit',
    usual: '1h',
    description: 'a stage that gets no further for so long fails: 30m, 2h',
  },
  'keep-runs': {
    kind: 'count',
    default: 14,
    description: 'runs whose files are kept, the newest; never fewer than a rollback needs',
  },
  'keep-days': { kind: 'count', usual: 'all', description: 'of these, only those of the last days' },
  all: { kind: 'switch', description: 'every store of the configuration file, one after the other', upTo: 'flag' },
  concurrency: {
    kind: 'count',
    default: 1,
    description: 'with --all: stores at once; they share the memory',
    upTo: 'environment',
  },
  resume: {
    value: '[run]',
    description: 'go on with that run, or the newest, behind the last stage whose files are whole',
    upTo: 'flag',
  },

  // Who is told how a run goes.
  metrics: {
    kind: 'metrics',
    ofStore: (file, store) => file.replace(/\.prom$/, `-${store}.prom`),
    description:
      "metrics of the run, a file NAME.prom for node_exporter's textfile collector; of a store, NAME-STORE.prom",
  },
  ping: {
    kind: 'check',
    secret: true,
    ofStore: (url, store) => url.replaceAll('{store}', store),
    description:
      'URL of a check that is told of start, success and failure, as healthchecks.io takes them; {store} in it is the name of the store',
  },
  'on-failure': {
    value: 'command',
    secret: true,
    description: 'command of the shell to run after a failure, with ALSO_VIEWED_MESSAGE and others',
  },
} as const satisfies Readonly<Record<string, Setting>>;
