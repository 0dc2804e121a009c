import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '#dist/config/configuration.js';
import { ExpectedFailure } from '#dist/failure.js';

/** What a reader is told about a wrong file: the message and the remedy. */
function complaint(yaml: string): string {
  try {
    parseConfiguration('av.yml', yaml);
  } catch (error) {
    if (error instanceof ExpectedFailure && error.kind === 'configuration') {
      return [error.message, error.remedy].filter(Boolean).join(' | ');
    }
    throw error;
  }
  return 'nothing';
}

const textsOf = (yaml: string): unknown =>
  Object.fromEntries([...parseConfiguration('av.yml', yaml).common].map(([name, { texts }]) => [name, texts.join()]));

test('a setting may stand at the top or in its mapping, and knows its place', () => {
  const yaml =
    'top: 50\nsource:\n  uri: mysql://u@h/d\n  table: views\ntarget: t.tsv\nemr-subnet: s\ns3: {path-style: true}';
  expect(textsOf(yaml)).toEqual({
    top: '50',
    source: 'mysql://u@h/d',
    'source-table': 'views',
    target: 't.tsv',
    'emr-subnet': 's',
    's3-path-style': 'true',
  });
  expect(parseConfiguration('av.yml', yaml).common.get('source-table')?.place).toBe('av.yml:4:3');
});

test.each([
  ['an empty file', ''],
  ['comments alone', '# nothing\n'],
  ['a byte order mark', '\uFEFF# nothing\n'],
  ['null', '~'],
  ['an empty mapping', '{}'],
])('%s sets nothing', (_, yaml) => {
  expect(textsOf(yaml)).toEqual({});
});

test('numbers count however they are written, and names are taken as they are', () => {
  expect(textsOf('top: 0x10\nmin-weight: "2"\nemr-release: 7.10\nsource-table: 007\nmemory: 512M')).toEqual({
    top: '16',
    'min-weight': '2',
    'emr-release': '7.10',
    'source-table': '007',
    memory: '512M',
  });
});

test('an alias stands for its value, and a property may be given several times', () => {
  expect(textsOf('source-column: &id product_id\ntarget: {target-column: *id}\nhadoop-property: [a=1, b=2]')).toEqual({
    'source-column': 'product_id',
    'target-column': 'product_id',
    'hadoop-property': 'a=1,b=2',
  });
});

describe('a mistake is told with line, column and what may be meant', () => {
  test.each([
    ['top: 50\nmin-wieght: 2', 'av.yml:2:1: min-wieght is not a known setting | Did you mean min-weight?'],
    ['minWeight: 2', 'av.yml:1:1: minWeight is not a known setting | Did you mean min-weight?'],
    ['min_weight: 2', 'av.yml:1:1: min_weight is not a known setting | Did you mean min-weight?'],
    ['store: {uk: {}}', 'av.yml:1:1: store is not a known setting | Did you mean stores?'],
    ['source:\n  uri: x\n  tabel: y', 'av.yml:3:3: source.tabel is not a known setting | Did you mean table?'],
    ['table: y', 'table is not a known setting | It belongs into source or target.'],
    ['source: {top: 5}', 'source.top is not a known setting | It belongs to the top'],
    ['stores: {uk: {tpo: 5}}', 'av.yml:1:15: tpo is not a known setting | Did you mean top?'],
    ['stores: {uk: {stores: {}}}', 'stores is not a known setting'],
    ['stores: {UK: {}}', 'UK cannot name a store | Use lower-case letters'],
    ['stores: {"../uk": {}}', '../uk cannot name a store'],
    ['stores: {uk: }', 'store uk must be a mapping'],
    ['stores: [uk]', 'stores must be a mapping'],
    ['<<: {top: 1}', '<< is not a known setting'],
    ['? [a]\n: 1', 'is not a known setting'],
    ['source: {password: x}', 'ALSO_VIEWED_SOURCE_PASSWORD'],
    ['top: many', 'av.yml:1:6: top is many | It must be a whole number of at least 1.'],
    ['top: 0', 'top is 0 | It must be a whole number'],
    ['top:', 'top must be a text or a number'],
    ['top: [1]', 'top must be a text or a number'],
    ['top: true', 'top must be a text or a number'],
    ['where: ""', 'where must be a text or a number'],
    ['work: "a\\0b"', 'av.yml:1:7: work holds a NUL'],
    ['swap: yes', 'av.yml:1:7: swap must be true or false'],
    ['engine: locl', 'av.yml:1:9: engine is locl | It must be one of local, hadoop, emr.'],
    ['wait: 10', 'wait is 10 | It must be a duration'],
    ['max-churn: 150%', 'max-churn is 150% | It must be a share'],
    ['hadoop-property: [a=1, b]', 'av.yml:1:24: hadoop-property is not of its form | It must be name=value.'],
    ['work: [x]', 'work must be a text or a number'],
    ['emr: x', 'emr must be a mapping'],
    ['source: {table: a}\nsource-table: b', 'av.yml:2:1: source-table is set twice | It is also set in av.yml:1:10'],
    ['top: 1\ntop: 2', 'Map keys must be unique at line 2, column 1'],
    ['- top: 1', 'av.yml:1:1: the file is not a mapping'],
    ['top', 'the file is not a mapping'],
    ['top: 1\n---\ntop: 2', 'multiple documents'],
    ['source:\n\turi: x', 'line 2, column 1'],
    ['top: *nothing', 'av.yml:1:6: this alias names nothing'],
    ['top: !!foo 1', 'Unresolved tag at line 1, column 6'],
  ])('%j', (yaml, told) => {
    expect(complaint(yaml)).toContain(told);
  });

  test('and never shows the rest of the file', () => {
    expect(complaint('source: "mysql://u:MARK@h/d\ntop: [\n')).not.toContain('MARK');
  });
});

describe('a file that was made to do harm is refused', () => {
  test('by its size', () => {
    expect(complaint(`# ${'x'.repeat(200_001)}`)).toContain('200000 at most');
  });

  test('by its depth', () => {
    expect(complaint(`top: ${'['.repeat(190_000)}`)).toContain('Cannot read av.yml');
  });

  test('by its aliases, none of which is followed further than a setting goes', () => {
    const bomb = ['top: &a0 [x, x]', ...Array.from({ length: 60 }, (_, n) => `b${n}: &a${n + 1} [*a${n}, *a${n}]`)];
    expect(complaint(bomb.join('\n'))).toContain('top must be a text or a number');
    expect(complaint('stores: &s\n  uk: *s\n')).toContain('uk is not a known setting');
    expect(complaint(`hadoop-property: &h [*h]`)).toContain('Cannot');
  });
});
