import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { ExpectedFailure, messageOf } from '../failure.ts';

const scalar = v.optional(v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String)));

/** Settings of Amazon EMR by their names inside its mapping: `region` in `emr` is `emr-region`. */
const emrSettings = [
  'region',
  'log-uri',
  'staging',
  'cluster',
  'release',
  'primary-type',
  'core-type',
  'core-count',
  'task-type',
  'task-count',
  'subnet',
  'service-role',
  'instance-profile',
  'primary-security-group',
  'core-security-group',
  'service-security-group',
  'tags',
  'idle-minutes',
  'poll-interval',
  'max-hours',
  'max-instance-hours',
] as const;

const entries = <Name extends string>(names: readonly Name[]): Record<Name, typeof scalar> =>
  Object.assign({}, ...names.map((name) => ({ [name]: scalar })));

/** Settings by their names inside a mapping: `table` in `source` is `source-table`, `endpoint` in `s3` is `s3-endpoint`. */
const sides = {
  source: v.strictObject({
    uri: scalar,
    table: scalar,
    'path-column': scalar,
    'product-column': scalar,
    where: scalar,
    'time-column': scalar,
    since: scalar,
  }),
  target: v.strictObject({
    uri: scalar,
    table: scalar,
    'source-column': scalar,
    'target-column': scalar,
    'weight-column': scalar,
  }),
  work: v.strictObject({ uri: scalar }),
  s3: v.strictObject({ endpoint: scalar, 'path-style': scalar }),
  emr: v.strictObject(entries(emrSettings)),
};

// Chosen by the value's type: a union could only say that neither form fits.
const side = (
  mapping: (typeof sides)[keyof typeof sides],
): v.GenericSchema<unknown, string | Record<string, unknown>> =>
  v.lazy((value) => (typeof value === 'string' ? v.string() : mapping));

const configuration = v.strictObject({
  source: v.optional(side(sides.source)),
  target: v.optional(side(sides.target)),
  work: v.optional(side(sides.work)),
  emr: v.optional(sides.emr),
  ...entries(emrSettings.map((name) => `emr-${name}` as const)),
  s3: v.optional(sides.s3),
  wait: scalar,
  's3-endpoint': scalar,
  's3-path-style': scalar,
  'source-table': scalar,
  'path-column': scalar,
  'product-column': scalar,
  where: scalar,
  'time-column': scalar,
  since: scalar,
  'target-table': scalar,
  'source-column': scalar,
  'target-column': scalar,
  'weight-column': scalar,
  'max-shrink': scalar,
  'max-growth': scalar,
  'max-churn': scalar,
  'max-rows-per-second': scalar,
  verify: scalar,
  swap: scalar,
  engine: scalar,
  threads: scalar,
  memory: scalar,
  'temp-dir': scalar,
  top: scalar,
  'min-weight': scalar,
  'max-path-products': scalar,
  products: scalar,
  ids: scalar,
  reducers: scalar,
  queue: scalar,
  'node-archive': scalar,
  'hadoop-property': scalar,
  names: scalar,
  score: scalar,
  out: scalar,
  format: scalar,
  'log-format': scalar,
  quiet: scalar,
  verbose: scalar,
});

/** The settings that a configuration file may hold at its top; `s3` and `emr` only group those of their mappings. */
export const settingNames: readonly string[] = Object.keys(configuration.entries).filter(
  (name) => name !== 'emr' && name !== 's3',
);

/**
 * Parses a configuration file.
 *
 * @param file its name, for messages
 * @returns the settings by the names of their options, values as text
 * @throws ExpectedFailure when it is not YAML or does not follow the schema
 */
export function parseConfiguration(file: string, text: string): Map<string, string> {
  const result = v.safeParse(configuration, parseYaml(file, text) ?? {});
  if (!result.success) {
    throw schemaFailure(file, result.issues[0]);
  }
  const settings = new Map<string, string>();
  for (const [key, value] of Object.entries(result.output)) {
    if (typeof value === 'string') {
      settings.set(key, value);
    } else {
      for (const [inner, setting] of Object.entries(value ?? {})) {
        settings.set(nameOf(key, inner), String(setting));
      }
    }
  }
  return settings;
}

/** The name of the option that a setting inside a mapping stands for. */
function nameOf(mapping: string, inner: string): string {
  return inner === 'uri'
    ? mapping
    : inner === 'table' || mapping === 'emr' || mapping === 's3'
      ? `${mapping}-${inner}`
      : inner;
}

/** Everything that the reader of YAML complains about is a mistake in the file: aliases that name nothing, tags, too many aliases. */
function parseYaml(file: string, text: string): unknown {
  try {
    const document = parseDocument(text, { logLevel: 'silent' });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      throw problem;
    }
    return document.toJS();
  } catch (error) {
    // The first line says what and where; the lines behind it repeat the file, which may hold a password in the wrong place.
    const [what = ''] = messageOf(error).split('\n');
    throw new ExpectedFailure('configuration', `Cannot read ${file}: ${what.replace(/:$/, '')}`, {
      remedy: 'It must be YAML: a setting a line, `top: 50`.',
    });
  }
}

function schemaFailure(file: string, issue: v.InferIssue<typeof configuration>): ExpectedFailure {
  const place = v.getDotPath(issue) ?? 'the file';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const mapping = Object.entries(sides).find(([key]) => place.startsWith(`${key}.`))?.[1] ?? configuration;
    return new ExpectedFailure('configuration', `Cannot use ${file}: ${place} is not a known setting`, {
      remedy: /password/i.test(place)
        ? 'Passwords come from ALSO_VIEWED_SOURCE_PASSWORD and ALSO_VIEWED_TARGET_PASSWORD, or the _FILE form of either.'
        : `Known here are ${Object.keys(mapping.entries).join(', ')}.`,
    });
  }
  return new ExpectedFailure('configuration', `Cannot use ${file}: ${place} must be a text or a number`, {
    remedy: 'Write one value behind the colon.',
  });
}
