import type { Command } from 'commander';
import { isSetting, type Setting, settings } from '../config/settings.ts';

/** The options that the manifest records: all that have a value and cannot hold a secret. */
export function parametersOf(command: Command): Record<string, string | number | boolean> {
  const parameters: Record<string, string | number | boolean> = {};
  for (const option of command.options) {
    const name = option.name();
    const setting: Setting | undefined = isSetting(name) ? settings[name] : undefined;
    const value: unknown = command.getOptionValue(option.attributeName());
    if (
      setting?.secret !== true &&
      (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    ) {
      parameters[name] = value;
    }
  }
  return parameters;
}
