import type { Log, LogFields } from './effects.ts';

/** A log whose every line carries these figures too; those of a line itself come first. */
export function logWith(log: Log, fields: LogFields): Log {
  const line =
    (level: keyof Log) =>
    (message: string, own?: LogFields): void =>
      log[level](message, { ...fields, ...own });
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
