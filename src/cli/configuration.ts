import { readFile } from 'node:fs/promises';
import type { Command, Option } from 'commander';
import type { Configuration, FileValue, FileValues } from '../config/configuration.ts';
import { isSetting } from '../config/settings.ts';
import { ExpectedFailure, messageOf } from '../failure.ts';

/**
 * Reads the configuration file that `--config` names.
 *
 * @throws ExpectedFailure when it is missing, is not YAML, or holds a key or a value that is not known
 */
export async function readConfiguration(file: string): Promise<Configuration> {
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
  return parseConfiguration(file, text);
}

/**
 * Sets the options of a command that neither a flag nor the environment set from what the file says.
 *
 * @throws ExpectedFailure when the command cannot use a value: `format: table` where relations are written
 */
export function applySettings(command: Command, values: FileValues): void {
  for (const option of command.options) {
    const name = option.name();
    const value = isSetting(name) ? values.get(name) : undefined;
    const from = command.getOptionValueSource(option.attributeName());
    if (value !== undefined && (from === undefined || from === 'default')) {
      command.setOptionValueWithSource(option.attributeName(), parsed(option, value), 'config');
    }
  }
}

function parsed(option: Option, { texts, place }: FileValue): unknown {
  if (option.isBoolean()) {
    return texts[0] === 'true';
  }
  const { parseArg } = option;
  if (parseArg === undefined) {
    return texts[0];
  }
  try {
    return texts.reduce<unknown>((before, text) => parseArg(text, before), undefined);
  } catch (error) {
    throw new ExpectedFailure(
      'configuration',
      `Cannot use ${place}: ${option.name()} is ${texts.join(', ')}. ${messageOf(error)}`,
    );
  }
}
