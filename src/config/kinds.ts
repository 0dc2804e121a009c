import {
  parseCheck,
  parseCount,
  parseCounts,
  parseDuration,
  parseFolder,
  parseMetricsFile,
  parsePort,
  parseProperty,
  parseReason,
  parseSeconds,
  parseShare,
  parseSince,
  parseSize,
  parseSource,
  parseSwitch,
  parseTarget,
  parseText,
  parseTimeLimit,
  parseTimes,
  parseUrl,
} from './parse.ts';

/** A path, `-` or an address of a database or of S3; no other scheme. */
const sideSchema = {
  type: ['string', 'number'],
  minLength: 1,
  pattern: '^(?![A-Za-z][A-Za-z0-9+.-]*://|mysql:)|^[Mm][Yy][Ss][Qq][Ll]://|^[Ss]3://[^/]',
} as const;

/**
 * What a setting may be: how its text is parsed, what stands for it in the help, and which JSON values a file may hold. `pattern` speaks of
 * texts and `minimum` of numbers, since JSON Schema applies either where it fits. Of what is `verbatim`, a number in the file stands for how it
 * is written: `007`.
 */
export const kinds = {
  text: {
    value: 'text',
    parse: parseText,
    schema: { type: ['string', 'number'], minLength: 1 },
    verbatim: true,
  },
  source: {
    value: 'uri',
    parse: parseSource,
    schema: {
      ...sideSchema,
      examples: ['mysql://reader@db.example:3306/shop', 'views.tsv.gz', '/var/lib/views/', 's3://bucket/views/'],
    },
    verbatim: true,
  },
  target: {
    value: 'uri',
    parse: parseTarget,
    schema: {
      ...sideSchema,
      examples: ['mysql://writer@db.example:3306/shop', 'relations.tsv', 's3://bucket/relations.tsv.gz'],
    },
    verbatim: true,
  },
  folder: {
    value: 'location',
    parse: parseFolder,
    schema: {
      type: ['string', 'number'],
      minLength: 1,
      pattern: '^(?!-$|[A-Za-z][A-Za-z0-9+.-]*://)|^[Ss]3://[^/]',
      examples: ['/var/lib/also-viewed', 's3://bucket/also-viewed'],
    },
    verbatim: true,
  },
  since: {
    value: 'when',
    parse: parseSince,
    schema: {
      type: 'string',
      pattern: '^([1-9]\\d*[mhdw]|[1-9]\\d{3}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d(:\\d\\d)?)?)$',
      examples: ['90d', '12h', '2026-01-31', '2026-01-31 06:00'],
    },
  },
  switch: { value: '', parse: parseSwitch, schema: { type: 'boolean' } },
  count: {
    value: 'n',
    parse: parseCount,
    schema: {
      type: ['integer', 'string'],
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      pattern: '^0*[1-9]\\d{0,14}$',
    },
  },
  port: {
    value: 'n',
    parse: parsePort,
    schema: { type: ['integer', 'string'], minimum: 1, maximum: 65_535, pattern: '^0*[1-9]\\d{0,4}$' },
  },
  counts: { value: 'n,…', parse: parseCounts, schema: { type: 'string' } },
  seconds: {
    value: 'seconds',
    parse: parseSeconds,
    schema: { type: ['number', 'string'], exclusiveMinimum: 0, pattern: '^(?![0.]+$)\\d+(\\.\\d+)?$' },
  },
  duration: {
    value: 'duration',
    parse: parseDuration,
    schema: { type: 'string', pattern: '^\\d{1,6}[smh]$', examples: ['30s', '10m', '2h'] },
  },
  limit: {
    value: 'duration',
    parse: parseTimeLimit,
    schema: { type: 'string', pattern: '^(?=\\d*[1-9])\\d{1,6}[smh]$', examples: ['30m', '2h'] },
  },
  size: {
    value: 'size',
    parse: parseSize,
    schema: {
      type: ['string', 'integer'],
      minimum: 0,
      maximum: 999_999_999_999_999,
      pattern: '^\\d{1,15}[KMGTkmgt]?$',
      examples: ['512M', '2G'],
    },
  },
  share: {
    value: 'share',
    parse: parseShare,
    schema: {
      type: ['number', 'string'],
      minimum: 0,
      maximum: 1,
      pattern: '^(0*(100(\\.0+)?|\\d{1,2}(\\.\\d+)?)\\s*%|0+(\\.\\d+)?|0*1(\\.0+)?)$',
      examples: ['50%', 0.5],
    },
  },
  times: {
    value: 'times',
    parse: parseTimes,
    schema: { type: ['number', 'string'], minimum: 1, pattern: '^0*[1-9]\\d*(\\.\\d+)?$', examples: [2, 1.5] },
  },
  url: {
    value: 'url',
    parse: parseUrl,
    schema: { type: 'string', pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/]', examples: ['http://127.0.0.1:9000'] },
  },
  check: {
    value: 'url',
    parse: parseCheck,
    schema: {
      type: 'string',
      pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/@]+([/?#].*)?$',
      examples: ['https://hc-ping.com/0c8f6a1e-0000-4000-8000-000000000000'],
    },
  },
  metrics: {
    value: 'file',
    parse: parseMetricsFile,
    schema: {
      type: 'string',
      pattern: '^(?![A-Za-z][A-Za-z0-9+.-]*://)[^]*\\.prom$',
      examples: ['/var/lib/node_exporter/also-viewed.prom'],
    },
  },
  property: {
    value: 'name=value',
    parse: parseProperty,
    schema: {
      type: ['string', 'array'],
      pattern: '^[A-Za-z0-9_.-]+=',
      items: { type: 'string', pattern: '^[A-Za-z0-9_.-]+=' },
      examples: [['mapreduce.map.memory.mb=2048']],
    },
  },
  reason: { value: 'why', parse: parseReason, schema: { type: 'string' } },
} as const;

export type Kind = keyof typeof kinds;
