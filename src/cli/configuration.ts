import { readFile } from 'node:fs/promises';
import type { Command, Option } from 'commander';
import { ExpectedFailure, messageOf } from '../failure.ts';

/**
 * Sets the options of a command that neither a flag nor the environment set from the configuration file, if `--config` names one.
 *
 * @throws ExpectedFailure when the file is missing, is not YAML, or holds a key or a value that is not known
 */
export async function applyConfiguration(command: Command, file: string | undefined): Promise<void> {
  if (file === undefined) {
    return;
  }
  const { parseConfiguration } = await import('../config/configuration.ts');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ExpectedFailure('configuration', `Cannot read the configuration: ${messageOf(error)}`, {
      remedy: 'Check --config.',
      cause: error,
    });
  }
  const settings = parseConfiguration(file, text);
  for (const option of command.options) {
    const value = settings.get(option.name());
    const from = command.getOptionValueSource(option.attributeName());
    if (value !== undefined && (from === undefined || from === 'default')) {
      command.setOptionValueWithSource(option.attributeName(), parsed(option, file, value), 'config');
    }
  }
}

function parsed(option: Option, file: string, value: string): unknown {
  try {
    if (option.isBoolean()) {
      return value === 'true';
    }
    return option.parseArg === undefined ? value : option.parseArg(value, undefined);
  } catch (error) {
    throw new ExpectedFailure('configuration', `Cannot use ${file}: ${option.name()} is ${value}. ${messageOf(error)}`);
  }
}
