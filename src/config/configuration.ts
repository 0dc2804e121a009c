import * as v from 'valibot';
import { parse, YAMLError } from 'yaml';
import { ExpectedFailure } from '../failure.ts';

const scalar = v.pipe(v.union([v.string(), v.number(), v.boolean()]), v.transform(String));

/** Keys of a side may be short inside its mapping: `table` in `source` is `source-table`. */
const source = v.strictObject({
  uri: v.string(),
  table: v.optional(scalar),
  'path-column': v.optional(scalar),
  'product-column': v.optional(scalar),
  where: v.optional(scalar),
  'time-column': v.optional(scalar),
  since: v.optional(scalar),
});

const target = v.strictObject({
  uri: v.string(),
  table: v.optional(scalar),
  'source-column': v.optional(scalar),
  'target-column': v.optional(scalar),
  'weight-column': v.optional(scalar),
});

const configuration = v.strictObject({
  // Chosen by the value's type: a union could only say that neither form fits.
  source: v.optional(v.lazy((value) => (typeof value === 'string' ? v.string() : source))),
  target: v.optional(v.lazy((value) => (typeof value === 'string' ? v.string() : target))),
  work: v.optional(v.string()),
  engine: v.optional(scalar),
  threads: v.optional(scalar),
  top: v.optional(scalar),
  'min-weight': v.optional(scalar),
  'max-path-products': v.optional(scalar),
  products: v.optional(scalar),
  ids: v.optional(scalar),
  names: v.optional(scalar),
  'log-format': v.optional(scalar),
});

/**
 * Parses a configuration file.
 *
 * @param file its name, for messages
 * @returns the settings by the names of their options, values as text
 * @throws ExpectedFailure when it is not YAML or does not follow the schema
 */
export function parseConfiguration(file: string, text: string): Map<string, string> {
  let document: unknown;
  try {
    document = parse(text) ?? {};
  } catch (error) {
    if (error instanceof YAMLError) {
      throw new ExpectedFailure('configuration', `Cannot read ${file}: ${error.message}`, { cause: error });
    }
    throw error;
  }
  const result = v.safeParse(configuration, document);
  if (!result.success) {
    const issue = result.issues[0];
    throw new ExpectedFailure('configuration', `Cannot use ${file}: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`, {
      remedy: `Known keys are ${Object.keys(configuration.entries).join(', ')}.`,
    });
  }
  const settings = new Map<string, string>();
  for (const [key, value] of Object.entries(result.output)) {
    if (typeof value === 'string') {
      settings.set(key, value);
    } else {
      for (const [inner, setting = ''] of Object.entries(value ?? {})) {
        settings.set(inner === 'uri' ? key : inner === 'table' ? `${key}-table` : inner, setting);
      }
    }
  }
  return settings;
}
