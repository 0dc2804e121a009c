import type { Command } from 'commander';

/** Who is told of a run is no part of it: a ping URL is a secret of a kind, and a command may hold one. */
const unrecorded: readonly string[] = ['metrics', 'ping', 'on-failure'];

/** The options that the manifest records: all that have a value; none of them can hold a secret. */
export function parametersOf(command: Command): Record<string, string | number | boolean> {
  const parameters: Record<string, string | number | boolean> = {};
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (unrecorded.includes(option.name())) {
      continue;
    }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parameters[option.name()] = value;
    }
  }
  return parameters;
}
