import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfiguration } from '#dist/config/configuration.js';
import type { SettingName } from '#dist/config/settings.js';
import { type Ask, fillIn, starterConfiguration } from '#dist/config/starter.js';
import { jsonSchema } from '../../scripts/settings-pages.ts';

const validate = new Ajv({ allowUnionTypes: true }).compile(jsonSchema());
const proposals = new Map<SettingName, string>([
  ['source-table', 'recent_items'],
  ['work', 'also-viewed-work'],
  ['top', '50'],
  ['min-weight', '2'],
]);

const sides = [
  ['source', 'mysql://u@h/d'],
  ['target', 'mysql://u@h/d'],
] as const satisfies [SettingName, string][];

/** What the reader finds in a starter configuration. */
function read(yaml: string): Record<string, string> {
  const { common } = parseConfiguration('av.yml', yaml);
  return Object.fromEntries([...common].map(([name, { texts }]) => [name, texts.join()]));
}

test('what is written is what the reader and the JSON Schema take, with every comment taken out or left in', async () => {
  const text = fc.string({ minLength: 1, unit: 'grapheme' });
  const given = fc.record({
    source: text,
    'source-table': text,
    where: text,
    'time-column': text,
    top: fc.constant('7'),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ source, top, ...names }) => {
      const values = new Map<SettingName, string>([
        ['source', `mysql://u@h/${encodeURIComponent(source.replaceAll('/', ''))}x`],
        ['target', 'mysql://u@h/d'],
        ['source-table', names['source-table']],
        ['time-column', names['time-column']],
        ['top', top],
      ]);
      const filled = await fillIn(values, proposals);
      const yaml = starterConfiguration(filled, './schema.json');
      expect(read(yaml)).toEqual(Object.fromEntries(filled));
      expect(validate(parse(yaml)), yaml).toBe(true);
      expect(Object.fromEntries(filled)).toMatchObject({ top: '7', 'min-weight': '2', since: '90d' });
    }),
  );
  const examples = starterConfiguration(new Map(), 'schema.json').replaceAll(/^# (?=[a-z-]+: [^$\s]\S*$)/gm, '');
  expect(Object.keys(read(examples))).toHaveLength(12);
  expect(validate(parse(examples))).toBe(true);
});

test.each(['\u2028', '\u00a0', '\ufeff'])('a value that is blank but not empty is kept: %j', async (name) => {
  const filled = await fillIn(new Map([...sides, ['source-table', name]]), proposals);
  expect(read(starterConfiguration(filled, 'schema.json'))['source-table']).toBe(name);
});

test('only what is not given and means something is asked for, with what is proposed', async () => {
  const asked: [string, string | undefined][] = [];
  const ask: Ask = async (question, proposal, problemOf) => {
    asked.push([question.replace(/\?.*/, ''), proposal]);
    expect(problemOf('mysql://u:MARK@h/d')?.includes('MARK') ?? false).toBe(false);
    return question.startsWith('How many targets') ? '20' : /relations go/.test(question) ? 't.tsv' : (proposal ?? '');
  };
  const values = await fillIn(new Map([['source', 'views.tsv']]), proposals, ask);
  expect(asked).toEqual([
    ['Which column is the path, one visit of one user', undefined],
    ['Which column is the product', undefined],
    ['Where do the relations go', undefined],
    ['Where are the files and records of the runs kept', 'also-viewed-work'],
    ['How many targets to keep per product', '50'],
    ['In how many paths must a relation be seen', '2'],
    ['Leave out paths with more products than', undefined],
  ]);
  expect([...values]).toEqual([
    ['source', 'views.tsv'],
    ['target', 't.tsv'],
    ['work', 'also-viewed-work'],
    ['top', '20'],
    ['min-weight', '2'],
  ]);
});

test.each(['', 'viewed_at'])('a window is asked for only with a time: %j', async (time) => {
  const asked: string[] = [];
  await fillIn(new Map(sides), proposals, async (question, proposal) => {
    asked.push(question);
    return question.includes('time of a view') ? time : (proposal ?? '');
  });
  expect(asked.some((question) => question.startsWith('How far back'))).toBe(time !== '');
});

test.each<[SettingName, string, RegExp]>([
  ['source', 'mysql://u:MARK@h/d', /it holds a password\. Take the password out/],
  ['source', 'mysql://h/d', /it names no user/],
  ['source', 'ftp://h/d', /ftp:\/\/ is not known/],
  ['target', '', /^A run needs one/],
  ['since', 'yesterday', /Write a duration/],
  ['top', 'many', /it is many\. It must be a whole number/],
])('the answer %s %j is refused', async (name, answer, told) => {
  const given = new Map<SettingName, string>([...sides, ['time-column', 'viewed_at']]);
  given.delete(name);
  const problems: (string | undefined)[] = [];
  await fillIn(given, new Map(), async (_question, _proposal, problemOf) => {
    problems.push(problemOf(answer));
    return '';
  });
  expect(problems).toContainEqual(expect.stringMatching(told));
  expect(problems.join()).not.toContain('MARK');
});

test.each<[SettingName[], string]>([
  [[], 'no source and no target is named'],
  [['source'], 'no target is named'],
  [['target'], 'no source is named'],
])('without a question, %j alone is refused', async (names, told) => {
  const given = new Map(sides.filter(([name]) => names.includes(name)));
  await expect(fillIn(given, proposals)).rejects.toThrow(told);
});
