import { Option } from 'commander';
import { kinds } from '../config/kinds.ts';
import { fileSettings, type Setting, type SettingName, settings, variableOf } from '../config/settings.ts';
import { listFormats } from '../report/list-formats.ts';
import { relationFormats } from '../tsv/relation-format.ts';

/**
 * The option of a setting, as the table in src/config/settings.ts has it.
 *
 * @param changes what a command means by it that is not the usual
 */
function option(name: SettingName, changes: Partial<Setting> = {}): Option {
  const setting: Setting = { ...settings[name], ...changes };
  const kind = kinds[setting.kind ?? 'text'];
  const value = setting.value ?? kind.value;
  const placeholder = value === '' || value.startsWith('[') ? value : `<${value}>`;
  const usual = setting.usual === undefined || setting.default !== undefined ? '' : ` (default: ${setting.usual})`;
  const made = new Option(`--${name} ${placeholder}`.trim(), setting.description + usual);
  // Values are collected as they are written; complete-options.ts, which knows where they come from, parses them.
  if (setting.choices !== undefined) {
    made.argChoices = [...setting.choices];
  } else if (setting.kind === 'property') {
    made.argParser<readonly string[] | undefined>((text, before) => [...(before ?? []), text]);
  }
  if (setting.default !== undefined) {
    made.default(setting.default, setting.defaultText);
  }
  return setting.upTo === 'flag' ? made : made.env(variableOf(name));
}

const options = (...names: readonly SettingName[]): Option[] => names.map((name) => option(name));

/** What every command takes. */
export const commonOptions = (): Option[] =>
  options('config', 'store', 'log-format', 's3-endpoint', 's3-path-style', 'quiet', 'verbose');

/** Names of the columns of views. */
export const columnOptions = (): Option[] => options('path-column', 'product-column');

/** What every command that relates takes. */
export const relateOptions = (): Option[] => [
  ...options('engine', 'threads', 'memory', 'temp-dir', 'top'),
  option('score', {
    default: undefined,
    usual: 'weight',
    description: 'local: what orders the targets that --top keeps',
  }),
  ...options('min-weight', 'max-path-products', 'products', 'ids'),
  ...options('reducers', 'queue', 'node-archive', 'hadoop-property'),
  ...emrOptions(),
  ...columnOptions(),
];

export const emrRegionOption = (): Option => option('emr-region');

/** How Amazon EMR is used. */
const emrOptions = (): Option[] => [
  ...options('emr-region', 'emr-log-uri', 'emr-staging', 'emr-cluster', 'emr-release', 'emr-primary-type'),
  ...options('emr-core-type', 'emr-core-count', 'emr-task-type', 'emr-task-count', 'emr-subnet', 'emr-service-role'),
  ...options('emr-instance-profile', 'emr-primary-security-group', 'emr-core-security-group'),
  ...options('emr-service-security-group', 'emr-tags', 'emr-idle-minutes', 'emr-poll-interval', 'emr-max-hours'),
  ...options('emr-max-instance-hours'),
];

export const planOptions = (): Option[] => options('plan', 'yes');

export const formatOption = (): Option => option('format', { choices: relationFormats });

export const outOption = (): Option => option('out');

export const sourceOption = (description: string): Option => option('source', { description });

export const sourceTableOption = (): Option => option('source-table');

/** Where views come from. */
export const sourceOptions = (): Option[] =>
  options('source', 'source-table', 'where', 'time-column', 'since', 'max-replica-lag');

export const replicaLagOption = (description: string): Option => option('max-replica-lag', { description });

/** How fast a table is written to. */
export const paceOption = (): Option => option('max-rows-per-second');

/** How it is written to. */
export const swapOption = (description: string = settings.swap.description): Option => option('swap', { description });

/** Where relations are published. */
export const targetOptions = (): Option[] => [option('target'), ...targetTableOptions()];

/** What its table is. */
export const targetTableOptions = (): Option[] =>
  options('target-table', 'source-column', 'target-column', 'weight-column');

/** What a publication may change before somebody has to say that it is meant. */
export const gateOptions = (): Option[] => options('max-shrink', 'max-growth', 'max-churn', 'accept-changes', 'verify');

export const verifyOption = (): Option => option('verify');

export const acceptOption = (): Option => option('accept-changes');

export const growthOption = (): Option => option('max-growth');

export const workOption = (): Option => option('work');

export const waitOption = (): Option => option('wait');

/** What is meant for one run cannot be meant for all. */
export const storesOptions = (): Option[] => [
  option('all').conflicts(['store', 'resume', 'plan', 'acceptChanges']),
  option('concurrency'),
];

/** Who is told how a run goes. */
export const watchOptions = (): Option[] => options('metrics', 'ping', 'on-failure');

/** Of what takes long. */
export const stageTimeoutOption = (): Option => option('stage-timeout');

/** Of runs that are over. */
export const retentionOptions = (): Option[] => options('keep-runs', 'keep-days');

export const resumeOption = (): Option => option('resume');

export const dryRunOption = (): Option => option('dry-run');

export const listFormatOption = (): Option =>
  option('format', { choices: listFormats, usual: 'table on a terminal, else tsv' });

/** Of what a person asks for and reads, piped or not. */
export const tableFormatOption = (description = 'format of the output'): Option =>
  option('format', { choices: listFormats, default: 'table', description });

/** What a run takes that decides what it needs. */
export const doctorOptions = (): Option[] => [
  ...sourceOptions(),
  ...targetOptions(),
  swapOption(),
  workOption(),
  ...relateOptions(),
  option('probe-write'),
  option('format', { default: 'table' }),
];

/** Where relations and views are looked up. */
const lookupOptions = (): Option[] => [
  ...options('relations', 'views', 'run', 'names'),
  option('max-path-products', { usual: 'those that the run left out' }),
];

const listScoreOption = (): Option =>
  option('score', {
    default: undefined,
    usual: 'as in the run, else weight',
    description: 'what orders the lists; all but weight need views',
  });

/** What to show, and from where. */
export const showOptions = (): Option[] => [
  ...lookupOptions(),
  listScoreOption(),
  option('top', { default: 10, description: 'length of the lists' }),
  listFormatOption(),
];

/** What to report on, and where the page goes. */
export const reportOptions = (): Option[] => [
  ...lookupOptions(),
  listScoreOption(),
  option('out', {
    default: undefined,
    usual: "report.html in the run's folder",
    description: 'file of the page',
  }),
  option('against'),
];

/** What is compared is named by arguments. */
export const diffOptions = (): Option[] => [
  workOption(),
  option('names', { usual: 'products.tsv beside the relations or the source of the run' }),
  option('product-column', { description: 'column of the id in the file of names' }),
  ...targetTableOptions(),
  tableFormatOption('format of the output: a summary, or every change'),
];

/** What to explain, from where, and what it was limited to. */
export const explainOptions = (): Option[] => [
  ...lookupOptions(),
  option('top', { usual: 'as in the run' }),
  option('score', { default: undefined, usual: 'as in the run', description: 'what orders the lists' }),
  option('min-weight', { default: undefined, usual: 'as in the run', description: 'least weight that is kept' }),
  option('products', { value: 'file', usual: 'as in the run', description: 'products that may appear as targets' }),
  tableFormatOption(),
];

/** What the tables are for. */
export const schemaOptions = (): Option[] => options('server', 'product-ids');

/** What to evaluate on, and how. */
export const evaluateOptions = (): Option[] => [
  ...options('train', 'test', 'split'),
  option('time-column', {
    usual: 'viewed_at or a common name, if it is there',
    description: 'time of a view, which orders the views of a path',
  }),
  ...options('test-share', 'targets', 'cutoffs', 'seed', 'min-weight', 'max-path-products'),
  option('names', {
    usual: 'products.tsv beside the views',
    description: 'categories: TSV or CSV with product_id, name and category',
  }),
  option('threads', { description: 'threads that judge the lists' }),
  option('memory', { usual: '3/4 of what is free' }),
  tableFormatOption(),
  ...columnOptions(),
];

/** Every setting of the file: what `config` prints. */
export const configOptions = (): Option[] => {
  const common = commonOptions().map((each) => each.name());
  const others = fileSettings.filter(
    ([name, { upTo }]) => !common.includes(name) && name !== 'format' && upTo !== 'file',
  );
  return [
    ...others.map(([name]) => option(name)),
    option('all', { description: 'of every store' }).conflicts('store'),
    tableFormatOption(),
  ];
};

/** What a new configuration starts with. docs/tuning.md says why 50 and 2. */
export const initOptions = (): Option[] => [
  ...options('source', 'source-table', 'path-column', 'product-column', 'time-column', 'since'),
  ...options('target', 'target-table', 'work'),
  option('top', { default: 50 }),
  option('min-weight', { default: 2 }),
  ...options('max-path-products', 'force'),
  option('yes', { description: 'ask nothing: flags and defaults alone' }),
];
