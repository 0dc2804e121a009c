import type { Kind, kinds } from './kinds.ts';
import type { Setting } from './setting.ts';
import { commonSettings } from './settings/common.ts';
import { emrSettings } from './settings/emr.ts';
import { outputSettings } from './settings/output.ts';
import { publishingSettings } from './settings/publishing.ts';
import { relatingSettings } from './settings/relating.ts';
import { runSettings } from './settings/run.ts';
import { singleSettings } from './settings/single.ts';
import { sourceSettings } from './settings/source.ts';
import { targetSettings } from './settings/target.ts';

export { type Mapping, mappings, type Setting } from './setting.ts';

/**
 * Every setting, once. Its flag is `--` and its name, its environment variable ALSO_VIEWED_ and its name in capitals, its key in the
 * configuration file its name, or the one that `in` gives it inside a mapping.
 */
export const settings = {
  ...commonSettings,
  ...sourceSettings,
  ...targetSettings,
  ...publishingSettings,
  ...runSettings,
  ...relatingSettings,
  ...emrSettings,
  ...outputSettings,
  ...singleSettings,
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
