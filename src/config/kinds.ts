import {
  parseCheck,
  parseCount,
  parseCounts,
  parseDuration,
  parseMetricsFile,
  parseProperty,
  parseReason,
  parseSeconds,
  parseShare,
  parseSize,
  parseTimeLimit,
  parseTimes,
  parseUrl,
} from './parse.ts';

/**
 * What a setting may be: how its text is parsed, what stands for it in the help, and which JSON values a file may hold. `pattern` speaks of
 * texts and `minimum` of numbers, since JSON Schema applies either where it fits.
 */
export const kinds = {
  text: { value: 'text', parse: (text: string): string => text, schema: { type: ['string', 'number'], minLength: 1 } },
  switch: { value: '', parse: (text: string): boolean => text === 'true', schema: { type: 'boolean' } },
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
  counts: { value: 'n,…', parse: parseCounts, schema: { type: 'string' } },
  seconds: {
    value: 'seconds',
    parse: parseSeconds,
    schema: { type: ['number', 'string'], exclusiveMinimum: 0, pattern: '^(?![0.]+$)\\d+(\\.\\d+)?$' },
  },
  duration: { value: 'duration', parse: parseDuration, schema: { type: 'string', pattern: '^\\d{1,6}[smh]$' } },
  limit: {
    value: 'duration',
    parse: parseTimeLimit,
    schema: { type: 'string', pattern: '^(?=\\d*[1-9])\\d{1,6}[smh]$' },
  },
  size: {
    value: 'size',
    parse: parseSize,
    schema: {
      type: ['string', 'integer'],
      minimum: 0,
      maximum: 999_999_999_999_999,
      pattern: '^\\d{1,15}[KMGTkmgt]?$',
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
    },
  },
  times: {
    value: 'times',
    parse: parseTimes,
    schema: { type: ['number', 'string'], minimum: 1, pattern: '^0*[1-9]\\d*(\\.\\d+)?$' },
  },
  url: { value: 'url', parse: parseUrl, schema: { type: 'string', pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/]' } },
  check: {
    value: 'url',
    parse: parseCheck,
    schema: { type: 'string', pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^/@]+([/?#].*)?$' },
  },
  metrics: {
    value: 'file',
    parse: parseMetricsFile,
    schema: { type: 'string', pattern: '^(?![A-Za-z][A-Za-z0-9+.-]*://)[^]*\\.prom$' },
  },
  property: {
    value: 'name=value',
    parse: parseProperty,
    schema: {
      type: ['string', 'array'],
      pattern: '^[A-Za-z0-9_.-]+=',
      items: { type: 'string', pattern: '^[A-Za-z0-9_.-]+=' },
    },
  },
  reason: { value: 'why', parse: parseReason, schema: { type: 'string' } },
} as const;

export type Kind = keyof typeof kinds;
