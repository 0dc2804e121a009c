import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfiguration } from '#dist/config/configuration.js';
import { kinds } from '#dist/config/kinds.js';
import { fileSettings, mappings, type SettingName, type SettingValues } from '#dist/config/settings.js';
import type { SourceSettings, TargetSettings } from '#dist/config/sides.js';
import type { RelateOptions } from '#dist/engine/relate.js';
import type { RunOptions } from '#dist/run/run.js';
import { jsonSchema, settingsTables } from '../../scripts/settings-pages.ts';

const file = (name: string): string => readFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8');
const remedy = 'run npx tsx scripts/write-settings.ts after make build';

test('the published JSON Schema is that of the settings', () => {
  expect(JSON.parse(file('also-viewed.schema.json')), remedy).toEqual(jsonSchema());
});

test('the page about the configuration has every setting as the help has it', () => {
  const cells = (text: string): string[] =>
    text.split('\n').flatMap((line) => (/^\| *[^-| ]/.test(line) ? [line.replace(/\s+/g, ' ')] : []));
  const [, tables = ''] =
    /<!-- settings -->\n([\s\S]*)<!-- end of settings -->/.exec(file('docs/configuration.md')) ?? [];
  expect(cells(tables), remedy).toEqual(cells(settingsTables()));
});

test('a setting has in the table the type that the library takes', () => {
  // `run` is another thing to the library, `pathCounts` is for `run` alone, and `format` is narrower where relations are written.
  type Library = Omit<RelateOptions, 'run' | 'format' | 'pathCounts'> &
    SourceSettings &
    TargetSettings &
    Pick<RunOptions, 'work' | 'wait' | 'verify' | 'swap' | 'maxRowsPerSecond'>;
  type Values = { [Name in keyof Library]-?: Exclude<Library[Name], undefined> };
  expectTypeOf<SettingValues>().toExtend<Values>();
});

describe('the JSON Schema and the reader agree', () => {
  let validate: (value: unknown) => boolean;
  beforeAll(() => {
    validate = new Ajv({ allErrors: false, allowUnionTypes: true }).compile(jsonSchema());
  });

  const accepted = (yaml: string): boolean => {
    try {
      parseConfiguration('av.yml', yaml);
      return true;
    } catch {
      return false;
    }
  };

  const scalar = fc.oneof(
    fc.constantFrom('50', '1.5', '50%', '0.5', '512M', '2g', '10m', '30s', 'auto', 'llr', 'json', 'hadoop', 'table'),
    fc.constantFrom('http://h', 'ftp://h', 'a=1', '=1', 'true', '', '0', '0%', '100%', '101%', '1e3', '-1', ' 5', '5 '),
    fc.integer({ min: -3, max: 1000 }),
    fc.integer({ min: 0, max: 300 }).map((hundredths) => hundredths / 100),
    fc.boolean(),
    fc.constant(null),
  );
  const value = fc.oneof(
    { weight: 9, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(scalar, { maxLength: 2 }) },
  );
  const keys = fileSettings.flatMap(([name, { in: place }]) => (place ? [name, place[1]] : [name]));
  const group = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc.dictionary(fc.constantFrom(...keys, 'tpo'), arbitrary, { maxKeys: 2 });
  const settings = fc.dictionary(
    fc.constantFrom(...keys, ...mappings, 'tpo'),
    fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: group(value) }),
    { maxKeys: 2 },
  );
  const stores = fc.dictionary(fc.constantFrom('uk', 'de-2', 'UK', '../x', '-'), fc.oneof(settings, value), {
    maxKeys: 2,
  });

  test('on every value of every setting', () => {
    for (const [name, { in: place }] of fileSettings) {
      fc.assert(
        fc.property(value, (given) => {
          const forms = [{ [name]: given }, ...(place ? [{ [place[0]]: { [place[1]]: given } }] : [])];
          for (const form of forms) {
            expect(accepted(JSON.stringify(form)), JSON.stringify(form)).toBe(validate(form));
          }
        }),
        { numRuns: 30 },
      );
    }
  });

  test('on whole files', () => {
    fc.assert(
      fc.property(settings, fc.option(stores, { nil: undefined }), (common, more) => {
        const whole = more === undefined ? common : { ...common, stores: more };
        const text = JSON.stringify(whole);
        // A schema cannot see that a setting is given at the top and in its mapping.
        fc.pre(!twice(text));
        expect(accepted(text), text).toBe(validate(parse(text)));
      }),
      { numRuns: 1000 },
    );
  });

  test('on every example', () => {
    const examples = fileSettings.flatMap(([name, { kind = 'text', choices }]) => {
      const { schema } = kinds[kind];
      return choices === undefined && 'examples' in schema ? schema.examples.map((each) => ({ [name]: each })) : [];
    });
    expect(examples).toContainEqual({ since: '2026-01-31' });
    for (const example of examples) {
      const text = JSON.stringify(example);
      expect([accepted(text), validate(example)], text).toEqual([true, true]);
    }
  });

  const twice = (text: string): boolean => {
    try {
      parseConfiguration('av.yml', text);
      return false;
    } catch (error) {
      return error instanceof Error && error.message.includes('is set twice');
    }
  };
});

test('every setting of the file has a description, and a default that the reader would take', () => {
  for (const [name, { description, default: usual }] of fileSettings) {
    expect(description, name).not.toBe('');
    if (usual !== undefined) {
      const { common } = parseConfiguration('av.yml', JSON.stringify({ [name]: usual }));
      expect(common.get(name satisfies SettingName)?.texts).toEqual([String(usual)]);
    }
  }
});
