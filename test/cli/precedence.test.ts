import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command, Option } from 'commander';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { configure } from '#dist/cli/configuration.js';
import { program } from '#dist/cli/program.js';
import { ProgressBar } from '#dist/cli/progress-bar.js';
import { kinds } from '#dist/config/kinds.js';
import { isSetting, type Setting, settings, variableOf } from '#dist/config/settings.js';
import { temporaryFolder } from '../temporary-folder.ts';

afterEach(() => vi.unstubAllEnvs());

/** The commands that do something, by their names. */
function leaves(command: Command, name = ''): [string, Command][] {
  const inner = command.commands.flatMap((each) => leaves(each, `${name} ${each.name()}`.trim()));
  return command.commands.length === 0 ? [[name, command]] : inner;
}

const commands = (): [string, Command][] =>
  leaves(
    program({
      signal: new AbortController().signal,
      log: { logFormat: 'text', quiet: false, verbose: false },
      bar: new ProgressBar(process.stderr),
    }),
  );

/** Texts that a setting can have. */
const texts: Readonly<Record<NonNullable<Setting['kind']>, readonly string[]>> = {
  text: ['a', 'b', 'c'],
  source: ['a', 's3://b/c', 'mysql://u@h/d'],
  target: ['a', 's3://b/c', 'mysql://u@h/d'],
  folder: ['a', 'b/', 's3://b/c'],
  since: ['90d', '2026-01-31', '12h'],
  port: ['1', '3306', '65535'],
  switch: ['true'],
  count: ['2', '3', '4'],
  counts: ['1,2', '3', '4'],
  seconds: ['1', '2.5', '3'],
  duration: ['1s', '2m', '3h'],
  limit: ['1s', '2m', '3h'],
  size: ['200M', '1G', '300000000'],
  share: ['10%', '0.2', '30%'],
  times: ['2', '3', '4'],
  url: ['http://a', 'http://b', 'http://c'],
  check: ['http://a/1', 'http://b/2', 'http://c/3'],
  metrics: ['a.prom', 'b.prom', 'c.prom'],
  property: ['a=1', 'b=2', 'c=3'],
  reason: ['a', 'b', 'c'],
};

function textsOf(option: Option, setting: Setting): readonly string[] {
  return option.argChoices ?? texts[setting.kind ?? 'text'];
}

/** Where the value of a setting may come from, the strongest first, and how far a setting goes in it. */
const origins = ['cli', 'env', 'config'] as const;
const reach = (setting: Setting): number => (setting.upTo === 'flag' ? 1 : setting.upTo === 'environment' ? 2 : 3);

// What those of stores mean is tested with stores; what a flag excludes cannot be given with it.
const apart = ['config', 'store', 'all'];

test.each(commands().map(([name]) => name))(
  'a flag of %s is stronger than its variable, the variable than the file, and the file than the default',
  async (name) => {
    const config = path.join(temporaryFolder(), 'av.yml');
    const find = (): Command => commands().find(([each]) => each === name)![1];
    const options = find().options.flatMap((option): [Option, Setting][] => {
      const setting = option.name();
      return isSetting(setting) && !apart.includes(setting) ? [[option, settings[setting]]] : [];
    });
    const given = fc.tuple(
      ...options.map(([option, setting]) =>
        fc.record({
          from: fc.subarray([...origins]),
          texts: fc.tuple(...origins.map(() => fc.constantFrom(...textsOf(option, setting)))),
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(given, async (values) => {
        const command = find();
        vi.unstubAllEnvs();
        const argv = command.registeredArguments.map(() => 'x');
        const file: Record<string, string | boolean> = {};
        const expected: Record<string, unknown> = {};
        options.forEach(([option, setting], at) => {
          const { from, texts } = values[at]!;
          const isSwitch = setting.kind === 'switch';
          if (from.includes('cli')) {
            argv.push(isSwitch ? `--${option.name()}` : `--${option.name()}=${texts[0]}`);
          }
          // A variable of what is a flag only is refused.
          if (from.includes('env') && reach(setting) >= 2) {
            vi.stubEnv(variableOf(option.name()), texts[1]);
          }
          if (from.includes('config') && reach(setting) === 3) {
            file[option.name()] = isSwitch ? texts[2] === 'true' : texts[2]!;
          }
          const strongest = origins.find((origin, strength) => from.includes(origin) && strength < reach(setting));
          const text = strongest === undefined ? undefined : texts[origins.indexOf(strongest)]!;
          const parsed = isSwitch
            ? text && true
            : text && (option.argChoices ? text : kinds[setting.kind ?? 'text'].parse(text));
          expected[option.name()] =
            strongest === undefined
              ? { value: option.defaultValue, from: option.defaultValue === undefined ? undefined : 'default' }
              : { value: parsed, from: strongest };
        });
        writeFileSync(config, JSON.stringify(file));
        command.action(() => {});
        await command.parseAsync([...argv, '--config', config], { from: 'user' });
        await configure(command, process.env);
        for (const [option] of options) {
          const value: unknown = command.getOptionValue(option.attributeName());
          const from = command.getOptionValueSource(option.attributeName());
          expect({ value, from }, `${name} --${option.name()}`).toEqual(expected[option.name()]);
        }
      }),
      { numRuns: 25 },
    );
  },
);
