import { engineNames } from '../../engine/engines.ts';
import type { Setting } from '../setting.ts';

/** How views are related. */
export const relatingSettings = {
  engine: { value: 'name', choices: engineNames, default: 'local', description: 'what relates' },
  threads: {
    kind: 'count',
    usual: 'all cores',
    description: 'threads of the local engine, as far as --memory is enough for them, and as many that pack .gz',
  },
  memory: {
    kind: 'size',
    usual: '3/4 of what is free; hadoop: 256M a reducer',
    description: 'memory: 512M, 2G',
  },
  'temp-dir': { value: 'folder', usual: 'that of the system', description: 'folder for what does not fit in it' },
  top: { kind: 'count', usual: 'all', description: 'targets kept per source, the heaviest' },
  'min-weight': { kind: 'count', default: 1, description: 'keep no relation seen in fewer paths' },
  'max-path-products': { kind: 'count', usual: 'none', description: 'leave out paths with more products' },
  products: {
    value: 'file|query',
    usual: 'all',
    description: 'only the products of this file may appear as targets; run: or of a query, SELECT … or WITH …',
  },
  ids: { value: 'order', choices: ['auto', 'integer', 'text'], default: 'auto', description: 'order of the ids' },
  reducers: {
    kind: 'count',
    usual: 'as the cluster is configured',
    description: 'hadoop, emr: reducers of each phase',
  },
  queue: { value: 'name', description: 'hadoop, emr: queue of the cluster' },
  'node-archive': { value: 'file', description: 'hadoop, emr: tarball of Node.js for nodes that have none' },
  'hadoop-property': { kind: 'property', description: 'hadoop, emr: one more property of the jobs; may be repeated' },
  plan: {
    kind: 'switch',
    description: 'local, emr: print what relating is estimated to take, and stop',
    upTo: 'flag',
  },
  'probe-write': {
    kind: 'switch',
    description: 'also write, and take back, an object of the work folder and rows of the target',
    upTo: 'flag',
  },
  yes: { kind: 'switch', description: 'emr: start although the estimate is over a limit', upTo: 'flag' },
} as const satisfies Readonly<Record<string, Setting>>;
