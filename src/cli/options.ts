import { Option } from 'commander';
import { engineNames } from '../engine/engines.ts';
import { defaultLimits } from '../importer/gate-limits.ts';
import { scoreNames } from '../relation/scores.ts';
import { splits, stepTargets } from '../report/evaluate/split-names.ts';
import { listFormats } from '../report/list-formats.ts';
import { relationFormats } from '../tsv/relation-format.ts';
import {
  parseCount,
  parseCounts,
  parseDuration,
  parseProperty,
  parseReason,
  parseSeconds,
  parseShare,
  parseSize,
  parseTimes,
  parseUrl,
} from './parse.ts';

/**
 * Every option stands here once. Its environment variable is ALSO_VIEWED_ and its name in capitals; its key in the configuration file is
 * its name.
 */
function option(flags: string, description: string): Option {
  const made = new Option(flags, description);
  return made.env(`ALSO_VIEWED_${made.name().replaceAll('-', '_').toUpperCase()}`);
}

/** What every command takes. */
export const commonOptions = (): Option[] => [
  option('--config <file>', 'configuration file (YAML)'),
  option('--log-format <format>', 'log lines as text or as JSON objects').choices(['text', 'json']).default('text'),
  option('--s3-endpoint <url>', 'S3 server (default: AWS_ENDPOINT_URL_S3, else that of the region)').argParser(
    parseUrl,
  ),
  option('--s3-path-style', 'the bucket stands in the path of its URLs'),
  option('--quiet', 'only warnings and errors'),
  option('--verbose', 'more messages, and stack traces of failures'),
];

/** Names of the columns of views. */
export const columnOptions = (): Option[] => [
  option('--path-column <name>', 'column of the path').default('path_id'),
  option('--product-column <name>', 'column of the product').default('product_id'),
];

const maxPathProductsOption = (usual = 'none'): Option =>
  option('--max-path-products <n>', `leave out paths with more products (default: ${usual})`).argParser(parseCount);

const memoryOption = (usual: string): Option =>
  option('--memory <size>', `memory: 512M, 2G (default: ${usual})`).argParser(parseSize);

const minWeightOption = (): Option =>
  option('--min-weight <n>', 'keep no relation seen in fewer paths').argParser(parseCount).default(1);

/** What every command that relates takes. */
export const relateOptions = (): Option[] => [
  option('--engine <name>', 'what relates').choices(engineNames).default('local'),
  option('--threads <n>', 'threads of the local engine (default: all cores)').argParser(parseCount),
  memoryOption('3/4 of what is free; hadoop: 256M a reducer'),
  option('--temp-dir <folder>', 'folder for what does not fit in it (default: that of the system)'),
  option('--top <n>', 'targets kept per source, the heaviest (default: all)').argParser(parseCount),
  minWeightOption(),
  maxPathProductsOption(),
  option('--products <file>', 'only the products of this file may appear as targets (default: all)'),
  option('--ids <order>', 'order of the ids').choices(['auto', 'integer', 'text']).default('auto'),
  option('--reducers <n>', 'hadoop, emr: reducers of each phase (default: as the cluster is configured)').argParser(
    parseCount,
  ),
  option('--queue <name>', 'hadoop, emr: queue of the cluster'),
  option('--node-archive <file>', 'hadoop, emr: tarball of Node.js for nodes that have none'),
  option('--hadoop-property <name=value>', 'hadoop, emr: one more property of the jobs; may be repeated').argParser(
    parseProperty,
  ),
  ...emrOptions(),
  ...columnOptions(),
];

export const emrRegionOption = (): Option => option('--emr-region <name>', 'emr: region (default: AWS_REGION)');

/** How Amazon EMR is used. The defaults stand in src/engine/emr/emr-settings.ts. */
const emrOptions = (): Option[] => [
  emrRegionOption(),
  option('--emr-log-uri <s3-prefix>', 'emr: where EMR puts its logs'),
  option(
    '--emr-staging <s3-prefix>',
    'emr: where jobs, views and results lie meanwhile (default: also-viewed/ under the logs)',
  ),
  option('--emr-cluster <id>', 'emr: a running cluster, j-… (default: one is started, and ended)'),
  option('--emr-release <label>', 'emr: release (default: emr-7.13.0)'),
  option('--emr-primary-type <type>', 'emr: instance type of the primary node (default: m5.xlarge)'),
  option('--emr-core-type <type>', 'emr: of the core nodes (default: m5.2xlarge)'),
  option('--emr-core-count <n>', 'emr: core nodes (default: 2)').argParser(parseCount),
  option('--emr-task-type <type>', 'emr: of the task nodes, spot instances (default: as core)'),
  option('--emr-task-count <n>', 'emr: task nodes (default: none)').argParser(parseCount),
  option('--emr-subnet <id>', 'emr: subnet (default: the account has a default one)'),
  option('--emr-service-role <name>', 'emr: role of the service (default: EMR_DefaultRole)'),
  option('--emr-instance-profile <name>', 'emr: role of the nodes (default: EMR_EC2_DefaultRole)'),
  option('--emr-primary-security-group <id>', 'emr: of the primary node (default: made by EMR)'),
  option('--emr-core-security-group <id>', 'emr: of the other nodes (default: made by EMR)'),
  option('--emr-service-security-group <id>', 'emr: for access from the service to a private subnet'),
  option('--emr-tags <name=value,…>', 'emr: more tags of the cluster'),
  option(
    '--emr-idle-minutes <n>',
    'emr: idle time after which a cluster without a client ends (default: 10)',
  ).argParser(parseCount),
  option('--emr-poll-interval <seconds>', 'emr: time between two looks at the state (default: 15)').argParser(
    parseSeconds,
  ),
  option('--emr-max-hours <n>', 'emr: the longest that a job may take (default: 12)').argParser(parseCount),
  option(
    '--emr-max-instance-hours <n>',
    'emr: the longest that the instances of its cluster may take together (default: 100)',
  ).argParser(parseCount),
];

/** No environment variables and no keys of the configuration: they are said by hand, about one call. */
export const planOptions = (): Option[] => [
  new Option('--plan', 'local, emr: print what relating is estimated to take, and stop'),
  new Option('--yes', 'emr: start although the estimate is over a limit'),
];

export const formatOption = (): Option =>
  option('--format <format>', 'format of the output (default: by the name, else tsv)').choices(relationFormats);

export const outOption = (): Option =>
  option('--out <location>', 'file, s3:// address, or - for standard output; .gz packs it').default('-');

export const sourceTableOption = (): Option =>
  option('--source-table <name>', 'table of the views').default('recent_items');

/** Where views come from. */
export const sourceOptions = (): Option[] => [
  option('--source <uri>', 'mysql://user@host:port/database, a file, a folder or an s3:// address'),
  sourceTableOption(),
  option('--where <condition>', 'SQL condition on the views'),
  option('--time-column <name>', 'time of a view, for --since'),
  option('--since <when>', 'only views since then: 90d, 12h, or a date'),
];

/** How fast a table is written to. */
export const paceOption = (): Option =>
  option('--max-rows-per-second <n>', 'rows written to the table in a second (default: no limit)').argParser(
    parseCount,
  );

/** How it is written to. */
export const swapOption = (
  description = 'fill a new table and exchange it for the old one, instead of merging the changes into that',
): Option => option('--swap', description);

/** Where relations are published. */
export const targetOptions = (): Option[] => [
  option('--target <uri>', 'mysql://user@host:port/database, or a file'),
  ...targetTableOptions(),
];

/** What its table is. */
const targetTableOptions = (): Option[] => [
  option('--target-table <name>', 'table of the relations').default('related_products'),
  option('--source-column <name>', 'its column of the source').default('source_product_id'),
  option('--target-column <name>', 'its column of the target').default('target_product_id'),
  option('--weight-column <name>', 'its column of the weight').default('weight'),
];

/** What a publication may change before somebody has to say that it is meant. The reason is for one call: neither a variable nor a file can give it. */
export const gateOptions = (): Option[] => [
  option('--max-shrink <share>', 'refuse when relations, sources or views shrink by more')
    .argParser(parseShare)
    .default(defaultLimits.maxShrink, '50%'),
  option('--max-growth <times>', 'refuse when relations, sources or views grow to more than so many times')
    .argParser(parseTimes)
    .default(defaultLimits.maxGrowth),
  option('--max-churn <share>', 'refuse when a larger share of the relations is added, changed or removed')
    .argParser(parseShare)
    .default(defaultLimits.maxChurn, '50%'),
  acceptOption(),
  verifyOption(),
];

export const verifyOption = (): Option =>
  option('--verify', "read the target again in the end and compare its digest with the run's");

export const acceptOption = (): Option =>
  new Option('--accept-changes <why>', 'publish what would be refused; the reason is recorded').argParser(parseReason);

export const workOption = (): Option =>
  option('--work <location>', 'folder or s3:// prefix of the runs').default('also-viewed-work');

export const waitOption = (): Option =>
  option(
    '--wait <duration>',
    'wait for another run on the work folder: 30s, 10m, 2h (default: exit 75 at once)',
  ).argParser(parseDuration);

/** No environment variable and no key of the configuration: what is to be resumed is said by hand. */
export const resumeOption = (): Option =>
  new Option('--resume [run]', 'go on with that run, or the newest, behind the last stage whose files are whole');

export const listFormatOption = (): Option =>
  option('--format <format>', 'format of the output (default: table on a terminal, else tsv)').choices(listFormats);

/** Of what a person asks for and reads, piped or not. */
export const tableFormatOption = (): Option =>
  option('--format <format>', 'format of the output').choices(listFormats).default('table');

/** Where relations and views are looked up. */
const lookupOptions = (): Option[] => [
  option('--relations <file>', 'relations file, instead of a run'),
  option('--views <file>', 'views that were related (default: those of the run)'),
  option('--run <id>', 'run of the work folder (default: the newest)'),
  option(
    '--names <file>',
    'product names: TSV or CSV with product_id and name (default: products.tsv beside the data)',
  ),
  maxPathProductsOption('those that the run left out'),
];

/** What to show, and from where. */
export const showOptions = (): Option[] => [
  ...lookupOptions(),
  option('--score <name>', 'what orders the lists; all but weight need views').choices(scoreNames).default('weight'),
  option('--top <n>', 'length of the lists').argParser(parseCount).default(10),
  listFormatOption(),
];

/** What is compared is named by arguments. */
export const diffOptions = (): Option[] => [workOption(), ...targetTableOptions(), tableFormatOption()];

/** What to explain, from where, and what it was limited to. */
export const explainOptions = (): Option[] => [
  ...lookupOptions(),
  option('--top <n>', 'targets kept per source (default: as in the run)').argParser(parseCount),
  option('--min-weight <n>', 'least weight that is kept (default: as in the run)').argParser(parseCount),
  option('--products <file>', 'products that may appear as targets (default: as in the run)'),
  tableFormatOption(),
];

/** What to evaluate on, and how. Those that make no setting of a shop have no environment variable and no key of the configuration. */
export const evaluateOptions = (): Option[] => [
  new Option('--train <file>', 'views to relate, of a split that was made elsewhere'),
  new Option('--test <file>', 'views to foresee, of that split'),
  new Option('--split <how>', 'how the views are split (default: time if they have one, else last)').choices(splits),
  option(
    '--time-column <name>',
    'time of a view, which orders the views of a path (default: viewed_at, if it is there)',
  ),
  new Option('--test-share <share>', 'share of the paths that is tested').argParser(parseShare).default(0.2, '20%'),
  new Option('--targets <which>', 'views to foresee: those of products that are new to their path, or all')
    .choices(stepTargets)
    .default('novel'),
  new Option('--cutoffs <n,…>', 'places of a list that are shown').argParser(parseCounts).default([10, 20], '10,20'),
  new Option('--seed <n>', 'of what is left to chance').argParser(parseCount).default(1),
  minWeightOption(),
  maxPathProductsOption(),
  option(
    '--names <file>',
    'categories: TSV or CSV with product_id, name and category (default: products.tsv beside the views)',
  ),
  memoryOption('3/4 of what is free'),
  tableFormatOption(),
  ...columnOptions(),
];
