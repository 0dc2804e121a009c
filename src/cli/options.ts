import { Option } from 'commander';
import { engineNames } from '../engine/engines.ts';
import { defaultLimits } from '../importer/gate-limits.ts';
import { listFormats } from '../report/list-formats.ts';
import { relationFormats } from '../tsv/relation-format.ts';
import { parseCount, parseProperty, parseReason, parseShare, parseSize, parseTimes, parseUrl } from './parse.ts';

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

/** What every command that relates takes. */
export const relateOptions = (): Option[] => [
  option('--engine <name>', 'what relates').choices(engineNames).default('local'),
  option('--threads <n>', 'threads of the local engine (default: all cores)').argParser(parseCount),
  option('--memory <size>', 'hadoop: what a reducer keeps in memory: 512M, 2G (default: 256M)').argParser(parseSize),
  option('--top <n>', 'targets kept per source, the heaviest (default: all)').argParser(parseCount),
  option('--min-weight <n>', 'keep no relation seen in fewer paths').argParser(parseCount).default(1),
  option('--max-path-products <n>', 'leave out paths with more products (default: none)').argParser(parseCount),
  option('--products <file>', 'only the products of this file may appear as targets (default: all)'),
  option('--ids <order>', 'order of the ids').choices(['auto', 'integer', 'text']).default('auto'),
  option('--reducers <n>', 'hadoop: reducers of each phase (default: as the cluster is configured)').argParser(
    parseCount,
  ),
  option('--queue <name>', 'hadoop: queue of the cluster'),
  option('--node-archive <file>', 'hadoop: tarball of Node.js for nodes that have none'),
  option('--hadoop-property <name=value>', 'hadoop: one more property of the jobs; may be repeated').argParser(
    parseProperty,
  ),
  ...columnOptions(),
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

/** Where relations are published. */
export const targetOptions = (): Option[] => [
  option('--target <uri>', 'mysql://user@host:port/database, or a file'),
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

/** No environment variable and no key of the configuration: what is to be resumed is said by hand. */
export const resumeOption = (): Option =>
  new Option('--resume [run]', 'go on with that run, or the newest, behind the last stage whose files are whole');

export const listFormatOption = (): Option =>
  option('--format <format>', 'format of the output (default: table on a terminal, else tsv)').choices(listFormats);

/** What to show, and from where. */
export const showOptions = (): Option[] => [
  option('--relations <file>', 'relations file, instead of a run'),
  option('--views <file>', 'views, for the share of the paths (default: those of the run)'),
  option('--run <id>', 'run of the work folder (default: the newest)'),
  option('--names <file>', 'product names: TSV or CSV with product_id and name'),
  option('--top <n>', 'length of the lists').argParser(parseCount).default(10),
  listFormatOption(),
];
