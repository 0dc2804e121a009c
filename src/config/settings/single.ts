import { splits, stepTargets } from '../../report/evaluate/split-names.ts';
import type { Setting } from '../setting.ts';

/** Of one command each. */
export const singleSettings = {
  // Of `init`.
  force: { kind: 'switch', description: 'replace a file that is there already', upTo: 'flag' },

  // Of `schema`.
  server: {
    value: 'kind',
    choices: ['mysql', 'mariadb'],
    default: 'mysql',
    description: 'the server that will run it',
    upTo: 'flag',
  },
  'product-ids': {
    value: 'kind',
    choices: ['integer', 'text'],
    default: 'integer',
    description: 'what the ids of products are',
    upTo: 'flag',
  },

  // Of `evaluate`.
  train: { value: 'file', description: 'views to relate, of a split that was made elsewhere', upTo: 'flag' },
  test: { value: 'file', description: 'views to foresee, of that split', upTo: 'flag' },
  split: {
    value: 'how',
    choices: splits,
    usual: 'time if they have one, else last',
    description: 'how the views are split',
    upTo: 'flag',
  },
  'test-share': {
    kind: 'share',
    usual: '20%',
    description: 'share of the paths that is tested',
    upTo: 'flag',
  },
  targets: {
    value: 'which',
    choices: stepTargets,
    default: 'novel',
    description: 'views to foresee: those of products that are new to their path, or all',
    upTo: 'flag',
  },
  cutoffs: {
    kind: 'counts',
    default: [10, 20],
    defaultText: '10,20',
    description: 'places of a list that are shown',
    upTo: 'flag',
  },
  seed: { kind: 'count', default: 1, description: 'of what is left to chance', upTo: 'flag' },
} as const satisfies Readonly<Record<string, Setting>>;
