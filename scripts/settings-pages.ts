import { kinds } from '#dist/config/kinds.js';
import { fileSettings, type Mapping, mappings, type Setting, variableOf } from '#dist/config/settings.js';

/** A part of a JSON Schema. */
type Schema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of the configuration file, draft 7: the newest that the language servers of all editors know.
 *
 * It says the same as the reader in src/config/configuration.ts, but for what a schema cannot see: stores that share a table, keys twice.
 */
export function jsonSchema(): Schema {
  const settings = Object.fromEntries(fileSettings.map(([name, setting]) => [name, schemaOf(setting)]));
  const grouped = Object.fromEntries(
    mappings.map((mapping) => {
      const properties = Object.fromEntries(
        fileSettings.flatMap(([, setting]) =>
          setting.in?.[0] === mapping ? [[setting.in[1], schemaOf(setting)]] : [],
        ),
      );
      const group = { description: groups[mapping], type: 'object', properties, additionalProperties: false };
      const uri = properties['uri'];
      return [mapping, uri === undefined ? group : { description: groups[mapping], anyOf: [uri, group] }];
    }),
  );
  const properties = { ...settings, ...grouped };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'also-viewed.schema.json',
    title: 'Configuration of also-viewed',
    type: ['object', 'null'],
    properties: {
      ...Object.fromEntries(Object.keys(properties).map((name) => [name, { $ref: `#/definitions/${name}` }])),
      stores: {
        description: 'Several stores, by name. Each adds to what stands at the top, or replaces it.',
        type: 'object',
        examples: [
          {
            uk: { source: 'mysql://reader@db.example/shop_uk', target: 'mysql://writer@db.example/shop_uk' },
            de: { source: 'mysql://reader@db.example/shop_de', target: 'mysql://writer@db.example/shop_de' },
          },
        ],
        propertyNames: { pattern: '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$' },
        additionalProperties: {
          type: 'object',
          properties: Object.fromEntries(
            Object.keys(properties).map((name) => [name, { $ref: `#/definitions/${name}` }]),
          ),
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
    definitions: properties,
  };
}

const groups: Readonly<Record<Mapping, string>> = {
  source: 'Where views come from: a URI, or a mapping.',
  target: 'Where relations go: a URI, or a mapping.',
  work: 'Where runs are kept: a location, or a mapping.',
  emr: 'How Amazon EMR is used.',
  s3: 'Which S3 server is used.',
};

function schemaOf(setting: Setting): Schema {
  const { description, default: value, choices } = setting;
  return {
    description: described(setting, description),
    ...(choices === undefined ? kinds[setting.kind ?? 'text'].schema : { enum: choices }),
    ...(value === undefined ? {} : { default: value }),
  };
}

function described({ usual, default: value }: Setting, description: string): string {
  return usual === undefined || value !== undefined ? description : `${description} (default: ${usual})`;
}

/** The settings as tables of Markdown, by the mapping that they stand in. */
export function settingsTables(): string {
  const tables = [undefined, ...mappings].map((mapping) => {
    const rows = fileSettings
      .filter(([, setting]) => setting.in?.[0] === mapping)
      .map(([name, setting]) => {
        const key = setting.in === undefined ? name : `${setting.in[0]}.${setting.in[1]}`;
        const others = setting.upTo === 'file' ? ['', ''] : [`\`--${name}\``, `\`${variableOf(name)}\``];
        return [`\`${key}\``, defaultOf(setting), ...others, meaningOf(setting)];
      });
    return [['key', 'default', 'flag', 'environment variable', 'what'], ['-', '-', '-', '-', '-'], ...rows]
      .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`)
      .join('');
  });
  return tables.join('\n');
}

function defaultOf({ default: value, defaultText, usual, kind }: Setting): string {
  return value !== undefined ? `\`${defaultText ?? String(value)}\`` : (usual ?? (kind === 'switch' ? '`false`' : ''));
}

function meaningOf({ description, choices }: Setting): string {
  return choices === undefined ? description : `${description}: ${choices.map((each) => `\`${each}\``).join(', ')}`;
}
