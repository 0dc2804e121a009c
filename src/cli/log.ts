import type { Writable } from 'node:stream';
import type { Log, LogFields } from '../effects.ts';
import { logWith } from '../log-with.ts';
import { printable } from '../printable.ts';

export interface LogOptions {
  readonly logFormat: 'text' | 'json';
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** The store that the job is for: every line names it. */
  readonly store?: string | undefined;
}

type Level = keyof Log;

/**
 * A log of plain lines or of JSON objects on `stream`; pino is loaded for the latter only.
 *
 * @param beforeLine is called before a plain line is written, to take a progress bar out of its way
 */
export async function openLog(options: LogOptions, stream: Writable, beforeLine = (): void => {}): Promise<Log> {
  const least: Level = options.quiet ? 'warn' : options.verbose ? 'debug' : 'info';
  if (options.logFormat === 'json') {
    const { pino, stdTimeFunctions } = await import('pino');
    const json = pino(
      {
        level: least,
        base: null,
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
        messageKey: 'message',
      },
      stream,
    );
    const line =
      (level: Level) =>
      (message: string, fields: LogFields = {}): void =>
        json[level](fields, message);
    return logWith(
      { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
      { store: options.store },
    );
  }
  const name = options.store === undefined ? '' : `${options.store}: `;
  const levels: readonly Level[] = ['debug', 'info', 'warn', 'error'];
  const line = (level: Level) =>
    levels.indexOf(level) < levels.indexOf(least)
      ? (): void => {}
      : (message: string): void => {
          beforeLine();
          // What a message names (a file, an id) is somebody else's text.
          const text = message.split('\n').map(printable).join('\n');
          stream.write(`${name}${level === 'warn' ? 'Warning: ' : level === 'error' ? 'Error: ' : ''}${text}\n`);
        };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
