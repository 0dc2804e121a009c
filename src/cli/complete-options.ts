import type { Command, Option } from 'commander';
import type { FileValue, FileValues } from '../config/configuration.ts';
import { type Origin, parseSetting } from '../config/parse-setting.ts';
import { isSetting, type Setting, type SettingName, settings, variableOf } from '../config/settings.ts';
import type { Effects } from '../effects.ts';

/** A setting that is set: how it is written, and where. */
export interface GivenSetting extends Origin {
  readonly texts: readonly string[];
  /** As commander calls it. */
  readonly source: 'cli' | 'env' | 'config';
}

/** What is set, by flag, variable or file; what is not has its default. */
export type GivenSettings = ReadonlyMap<SettingName, GivenSetting>;

/**
 * Gives the options of a command their values: what flags and variables say, which commander has collected as texts, and what the file says of
 * the rest.
 *
 * @throws ExpectedFailure with the flag, the variable or the place in the file when a value has not its form, or the command cannot use it:
 *   `format: table` where relations are written
 */
export function completeOptions(command: Command, file: FileValues, env: Effects['env']): GivenSettings {
  const all = new Map<SettingName, GivenSetting>();
  for (const option of command.options) {
    const name = option.name();
    const given = isSetting(name) ? givenOf(command, option, name, file.get(name), env) : undefined;
    if (isSetting(name) && given !== undefined) {
      all.set(name, given);
      const attribute = option.attributeName();
      // A flag without a value has nothing to parse.
      if (given.source !== 'cli' || command.getOptionValue(attribute) !== true) {
        command.setOptionValueWithSource(attribute, parsed(name, settingOf(option, name), given), given.source);
      }
    }
  }
  return all;
}

function givenOf(
  command: Command,
  option: Option,
  name: SettingName,
  file: FileValue | undefined,
  env: Effects['env'],
): GivenSetting | undefined {
  const value: unknown = command.getOptionValue(option.attributeName());
  const texts = Array.isArray(value) ? value.map(String) : [String(value)];
  switch (command.getOptionValueSource(option.attributeName())) {
    case 'cli':
      return { texts, place: `--${name}`, fault: 'usage', source: 'cli' };
    case 'env': {
      const said = option.isBoolean() ? [env[variableOf(name)] ?? ''] : texts;
      return { texts: said, place: variableOf(name), fault: 'configuration', source: 'env' };
    }
    default:
      return file && { texts: file.texts, place: file.place, fault: 'configuration', source: 'config' };
  }
}

/** The setting as the command has it. */
function settingOf({ argChoices }: Option, name: SettingName): Setting {
  return argChoices === undefined ? settings[name] : { ...settings[name], choices: argChoices };
}

function parsed(name: SettingName, setting: Setting, given: GivenSetting): unknown {
  // The place in a file does not say which setting stands there.
  const called = given.source === 'config' ? name : undefined;
  const values = given.texts.map((text) => parseSetting(setting, text, given, called));
  return setting.kind === 'property' ? values.flat() : values[0];
}
