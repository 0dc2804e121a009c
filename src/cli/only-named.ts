import type { Command } from 'commander';

/**
 * Takes back the values of options, by their attributes, that the command line itself does not name: what the configuration or a variable says
 * of them is for the jobs that relate, and not for this one.
 */
export function onlyNamed(command: Command, ...attributes: readonly string[]): void {
  for (const attribute of attributes) {
    if (command.getOptionValueSource(attribute) !== 'cli') {
      command.setOptionValue(attribute, undefined);
    }
  }
}
