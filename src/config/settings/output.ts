import { diagnosisFormats } from '../../doctor/diagnosis-formats.ts';
import { scoreNames } from '../../relation/scores.ts';
import type { Setting } from '../setting.ts';

/** What is printed, and of what. */
export const outputSettings = {
  out: {
    value: 'location',
    default: '-',
    description: 'file, s3:// address, or - for standard output; .gz packs it',
  },
  format: {
    value: 'format',
    choices: diagnosisFormats,
    usual: 'by the name, else tsv',
    description: 'format of the output',
  },
  names: {
    value: 'file',
    usual: 'products.tsv beside the data',
    description: 'product names: TSV or CSV with product_id and name',
  },
  score: {
    value: 'name',
    choices: scoreNames,
    default: 'weight',
    description: 'what orders the lists, and the targets that --top keeps; all but weight need views',
  },
  relations: { value: 'file', description: 'relations file, instead of a run', upTo: 'environment' },
  views: {
    value: 'file',
    usual: 'those of the run',
    description: 'views that were related',
    upTo: 'environment',
  },
  run: { value: 'id', usual: 'the newest', description: 'run of the work folder', upTo: 'environment' },
  against: {
    value: 'what',
    description: 'earlier relations, to tell what changed: a run, a file or a mysql:// address',
    upTo: 'flag',
  },
} as const satisfies Readonly<Record<string, Setting>>;
