import { diagnosisFormats } from '../doctor/diagnosis-formats.ts';
import { engineNames } from '../engine/engines.ts';
import { defaultLimits } from '../importer/gate-limits.ts';
import { sslModes } from '../mysql/address.ts';
import type { ConnectionPart } from '../mysql/connection-uri.ts';
import { scoreNames } from '../relation/scores.ts';
import { splits, stepTargets } from '../report/evaluate/split-names.ts';
import { inFolder } from '../storage/storage.ts';
import type { Kind, kinds } from './kinds.ts';

/** The mappings of a configuration file that settings may stand in. */
export const mappings = ['source', 'target', 'work', 'emr', 's3'] as const;
export type Mapping = (typeof mappings)[number];

/** A setting: what the help, the environment, the configuration file, its JSON Schema and the pages say of it. */
export interface Setting {
  /** For the help: the default is added by itself. */
  readonly description: string;
  /** `text` unless said otherwise. */
  readonly kind?: Kind;
  /** What stands for the value in the help, where that of the kind says too little; `[…]` if it may be left out. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly default?: string | number | readonly number[] | undefined;
  /** The default as people write it, where that is not its value: `50%`. */
  readonly defaultText?: string;
  /** What holds where nothing is set, in words, when no value can say it: `all cores`. */
  readonly usual?: string;
  /** Its value may be, or hold, what nobody else needs to know: it is shown and recorded nowhere. */
  readonly secret?: true;
  /** The mapping of the configuration file that it may also stand in, and its name there. */
  readonly in?: readonly [Mapping, string];
  /** Of a place that stores cannot share: what a store gets of the one for all, unless it has one of its own. */
  readonly ofStore?: (place: string, store: string) => string;
  /**
   * How far from the command line it may be set; anywhere unless said otherwise. What is said by hand about one call is a flag only, and what
   * names files of one call, or the configuration, has no key in that. What is part of another setting is a key of the file only.
   */
  readonly upTo?: 'flag' | 'environment' | 'file';
}

/** The parts of a connection, which a file may give one by one; a flag and a variable give them as one URI. */
const parts = {
  host: { description: 'host of the database', upTo: 'file' },
  port: { kind: 'count', usual: '3306', description: 'its port', upTo: 'file' },
  user: { description: 'user of the database', upTo: 'file' },
  database: { description: 'name of the database', upTo: 'file' },
  socket: { description: 'Unix socket, instead of host and port', upTo: 'file' },
  'ssl-mode': {
    choices: sslModes,
    usual: 'disabled; verify-identity for hosts of Amazon RDS',
    description: 'how much of TLS is asked for',
    upTo: 'file',
  },
  'ssl-ca': {
    usual: "Amazon's for its hosts, else those of Node.js",
    description: 'file of certificates to trust',
    upTo: 'file',
  },
  auth: { choices: ['iam'], usual: 'a password', description: 'an IAM token instead of a password', upTo: 'file' },
  'password-secret': { description: 'secret of AWS Secrets Manager with the password', upTo: 'file' },
  'connect-timeout': {
    kind: 'duration',
    usual: '15s',
    description: 'how long connecting may take with all its attempts',
    upTo: 'file',
  },
} as const satisfies Readonly<Record<ConnectionPart, Setting>>;

/**
 * Every setting, once. Its flag is `--` and its name, its environment variable ALSO_VIEWED_ and its name in capitals, its key in the
 * configuration file its name, or the one that `in` gives it inside a mapping.
 */
export const settings = {
  // Of every command.
  config: { value: 'file', description: 'configuration file (YAML)', upTo: 'environment' },
  store: { value: 'name', description: 'one of the stores of the configuration file', upTo: 'environment' },
  'log-format': {
    value: 'format',
    choices: ['text', 'json'],
    default: 'text',
    description: 'log lines as text or as JSON objects',
  },
  's3-endpoint': {
    kind: 'url',
    in: ['s3', 'endpoint'],
    usual: 'AWS_ENDPOINT_URL_S3, else that of the region',
    description: 'S3 server',
  },
  's3-path-style': {
    kind: 'switch',
    in: ['s3', 'path-style'],
    description: 'the bucket stands in the path of its URLs',
  },
  quiet: { kind: 'switch', description: 'only warnings and errors' },
  verbose: { kind: 'switch', description: 'more messages, and stack traces of failures' },

  // Where views come from.
  source: {
    value: 'uri',
    in: ['source', 'uri'],
    description: 'mysql://user@host:port/database, a file, a folder or an s3:// address',
  },
  'source-host': { ...parts.host, in: ['source', 'host'] },
  'source-port': { ...parts.port, in: ['source', 'port'] },
  'source-user': { ...parts.user, in: ['source', 'user'] },
  'source-database': { ...parts.database, in: ['source', 'database'] },
  'source-socket': { ...parts.socket, in: ['source', 'socket'] },
  'source-ssl-mode': { ...parts['ssl-mode'], in: ['source', 'ssl-mode'] },
  'source-ssl-ca': { ...parts['ssl-ca'], in: ['source', 'ssl-ca'] },
  'source-auth': { ...parts.auth, in: ['source', 'auth'] },
  'source-password-secret': { ...parts['password-secret'], in: ['source', 'password-secret'] },
  'source-connect-timeout': { ...parts['connect-timeout'], in: ['source', 'connect-timeout'] },
  'source-table': {
    value: 'name',
    in: ['source', 'table'],
    default: 'recent_items',
    description: 'table of the views',
  },
  'path-column': {
    value: 'name',
    in: ['source', 'path-column'],
    default: 'path_id',
    description: 'column of the path',
  },
  'product-column': {
    value: 'name',
    in: ['source', 'product-column'],
    default: 'product_id',
    description: 'column of the product',
  },
  where: { value: 'condition', in: ['source', 'where'], description: 'SQL condition on the views' },
  'time-column': { value: 'name', in: ['source', 'time-column'], description: 'time of a view, for --since' },
  since: { value: 'when', in: ['source', 'since'], description: 'only views since then: 90d, 12h, or a date' },
  'max-replica-lag': {
    kind: 'duration',
    in: ['source', 'max-replica-lag'],
    usual: 'not asked',
    description: 'the source is a replica: exit 75 when it is further behind its source than 30s, 10m, 2h',
  },

  // Where relations go.
  target: { value: 'uri', in: ['target', 'uri'], description: 'mysql://user@host:port/database, or a file' },
  'target-host': { ...parts.host, in: ['target', 'host'] },
  'target-port': { ...parts.port, in: ['target', 'port'] },
  'target-user': { ...parts.user, in: ['target', 'user'] },
  'target-database': { ...parts.database, in: ['target', 'database'] },
  'target-socket': { ...parts.socket, in: ['target', 'socket'] },
  'target-ssl-mode': { ...parts['ssl-mode'], in: ['target', 'ssl-mode'] },
  'target-ssl-ca': { ...parts['ssl-ca'], in: ['target', 'ssl-ca'] },
  'target-auth': { ...parts.auth, in: ['target', 'auth'] },
  'target-password-secret': { ...parts['password-secret'], in: ['target', 'password-secret'] },
  'target-connect-timeout': { ...parts['connect-timeout'], in: ['target', 'connect-timeout'] },
  'target-table': {
    value: 'name',
    in: ['target', 'table'],
    default: 'related_products',
    description: 'table of the relations',
  },
  'source-column': {
    value: 'name',
    in: ['target', 'source-column'],
    default: 'source_product_id',
    description: 'its column of the source',
  },
  'target-column': {
    value: 'name',
    in: ['target', 'target-column'],
    default: 'target_product_id',
    description: 'its column of the target',
  },
  'weight-column': {
    value: 'name',
    in: ['target', 'weight-column'],
    default: 'weight',
    description: 'its column of the weight',
  },

  // What a publication may change before somebody has to say that it is meant, and how it is written.
  'max-shrink': {
    kind: 'share',
    default: defaultLimits.maxShrink,
    defaultText: '50%',
    description: 'refuse when relations, sources or views shrink by more',
  },
  'max-growth': {
    kind: 'times',
    default: defaultLimits.maxGrowth,
    description: 'refuse when relations, sources or views grow to more than so many times',
  },
  'max-churn': {
    kind: 'share',
    default: defaultLimits.maxChurn,
    defaultText: '50%',
    description: 'refuse when a larger share of the relations is added, changed or removed',
  },
  'accept-changes': {
    kind: 'reason',
    description: 'publish what would be refused; the reason is recorded',
    upTo: 'flag',
  },
  verify: {
    kind: 'switch',
    description: "read the target again in the end and compare its digest with the run's",
  },
  'max-rows-per-second': { kind: 'count', usual: 'no limit', description: 'rows written to the table in a second' },
  swap: {
    kind: 'switch',
    description: 'fill a new table and exchange it for the old one, instead of merging the changes into that',
  },
  'dry-run': { kind: 'switch', description: 'compare, print what would change, and write nothing', upTo: 'flag' },

  // The run.
  work: {
    value: 'location',
    in: ['work', 'uri'],
    ofStore: inFolder,
    default: 'also-viewed-work',
    description: 'folder or s3:// prefix of the runs',
  },
  wait: {
    kind: 'duration',
    usual: 'exit 75 at once',
    description: 'wait for another run on the work folder: 30s, 10m, 2h',
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
    description: "metrics of the run, a file NAME.prom for node_exporter's textfile collector",
  },
  ping: {
    kind: 'check',
    secret: true,
    description: 'URL of a check that is told of start, success and failure, as healthchecks.io takes them',
  },
  'on-failure': {
    value: 'command',
    secret: true,
    description: 'command of the shell to run after a failure, with ALSO_VIEWED_MESSAGE and others',
  },

  // How views are related.
  engine: { value: 'name', choices: engineNames, default: 'local', description: 'what relates' },
  threads: { kind: 'count', usual: 'all cores', description: 'threads of the local engine' },
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
    value: 'file',
    usual: 'all',
    description: 'only the products of this file may appear as targets',
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

  // How Amazon EMR is used. What is usual stands in src/engine/emr/emr-settings.ts.
  'emr-region': { value: 'name', in: ['emr', 'region'], usual: 'AWS_REGION', description: 'emr: region' },
  'emr-log-uri': { value: 's3-prefix', in: ['emr', 'log-uri'], description: 'emr: where EMR puts its logs' },
  'emr-staging': {
    value: 's3-prefix',
    in: ['emr', 'staging'],
    usual: 'also-viewed/ under the logs',
    description: 'emr: where jobs, views and results lie meanwhile',
  },
  'emr-cluster': {
    value: 'id',
    in: ['emr', 'cluster'],
    usual: 'one is started, and ended',
    description: 'emr: a running cluster, j-…',
  },
  'emr-release': { value: 'label', in: ['emr', 'release'], usual: 'emr-7.13.0', description: 'emr: release' },
  'emr-primary-type': {
    value: 'type',
    in: ['emr', 'primary-type'],
    usual: 'm5.xlarge',
    description: 'emr: instance type of the primary node',
  },
  'emr-core-type': {
    value: 'type',
    in: ['emr', 'core-type'],
    usual: 'm5.2xlarge',
    description: 'emr: of the core nodes',
  },
  'emr-core-count': { kind: 'count', in: ['emr', 'core-count'], usual: '2', description: 'emr: core nodes' },
  'emr-task-type': {
    value: 'type',
    in: ['emr', 'task-type'],
    usual: 'as core',
    description: 'emr: of the task nodes, spot instances',
  },
  'emr-task-count': { kind: 'count', in: ['emr', 'task-count'], usual: 'none', description: 'emr: task nodes' },
  'emr-subnet': {
    value: 'id',
    in: ['emr', 'subnet'],
    usual: 'the account has a default one',
    description: 'emr: subnet',
  },
  'emr-service-role': {
    value: 'name',
    in: ['emr', 'service-role'],
    usual: 'EMR_DefaultRole',
    description: 'emr: role of the service',
  },
  'emr-instance-profile': {
    value: 'name',
    in: ['emr', 'instance-profile'],
    usual: 'EMR_EC2_DefaultRole',
    description: 'emr: role of the nodes',
  },
  'emr-primary-security-group': {
    value: 'id',
    in: ['emr', 'primary-security-group'],
    usual: 'made by EMR',
    description: 'emr: of the primary node',
  },
  'emr-core-security-group': {
    value: 'id',
    in: ['emr', 'core-security-group'],
    usual: 'made by EMR',
    description: 'emr: of the other nodes',
  },
  'emr-service-security-group': {
    value: 'id',
    in: ['emr', 'service-security-group'],
    description: 'emr: for access from the service to a private subnet',
  },
  'emr-tags': { value: 'name=value,…', in: ['emr', 'tags'], description: 'emr: more tags of the cluster' },
  'emr-idle-minutes': {
    kind: 'count',
    in: ['emr', 'idle-minutes'],
    usual: '10',
    description: 'emr: idle time after which a cluster without a client ends',
  },
  'emr-poll-interval': {
    kind: 'seconds',
    in: ['emr', 'poll-interval'],
    usual: '15',
    description: 'emr: time between two looks at the state',
  },
  'emr-max-hours': {
    kind: 'count',
    in: ['emr', 'max-hours'],
    usual: '12',
    description: 'emr: the longest that a job may take',
  },
  'emr-max-instance-hours': {
    kind: 'count',
    in: ['emr', 'max-instance-hours'],
    usual: '100',
    description: 'emr: the longest that the instances of its cluster may take together',
  },

  // What is printed, and of what.
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
    default: 0.2,
    defaultText: '20%',
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

export type SettingName = keyof typeof settings;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type ValueOf<S extends Setting> = S extends { choices: readonly (infer Choice)[] }
  ? Choice
  : S extends { kind: infer K extends Kind }
    ? ReturnType<(typeof kinds)[K]['parse']>
    : S extends { value: `[${string}]` }
      ? string | true
      : string;

/** The parsed values of the settings, by their names as a program writes them: `minWeight`. */
export type SettingValues = { readonly [Name in SettingName as CamelCase<Name>]: ValueOf<(typeof settings)[Name]> };

/** Every setting with its name, in the order of the table. */
export const settingEntries: readonly (readonly [SettingName, Setting])[] = Object.keys(settings)
  .filter(isSetting)
  .map((name) => [name, settings[name]]);

export function isSetting(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** The settings that a configuration file may hold. */
export const fileSettings: readonly (readonly [SettingName, Setting])[] = settingEntries.filter(
  ([, { upTo }]) => upTo === undefined || upTo === 'file',
);

/** The environment variable of a setting. */
export function variableOf(name: string): string {
  return `ALSO_VIEWED_${name.replaceAll('-', '_').toUpperCase()}`;
}
