import type { Command } from 'commander';

/** The options that the manifest records: all that have a value; none of them can hold a secret. */
export function parametersOf(command: Command): Record<string, string | number | boolean> {
  const parameters: Record<string, string | number | boolean> = {};
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parameters[option.name()] = value;
    }
  }
  return parameters;
}
