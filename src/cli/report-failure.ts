import type { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { ClosedPipe, ExpectedFailure, exitCodeOf, exitCodes, Interrupted, messageOf } from '../failure.ts';
import { logWith } from '../log-with.ts';
import { redact } from '../redact.ts';
import { openLog } from './log.ts';
import type { Session } from './session.ts';

/**
 * Tells the operator why a command ended.
 *
 * @returns the exit code
 */
export async function reportFailure(
  error: unknown,
  { log: options, run }: Pick<Session, 'log' | 'run'>,
  stderr: Writable,
): Promise<number> {
  const stage = run?.stages.find(({ state }) => state === 'failed')?.name;
  const log = logWith(await openLog(options, stderr), { run: run?.run, stage });
  if (error instanceof CommanderError) {
    return reportUsage(error, log.error);
  }
  if (error instanceof ClosedPipe) {
    return 0;
  }
  const exitCode = exitCodeOf(error);
  if (error instanceof Interrupted) {
    log.error(error.message, { exitCode });
    return exitCode;
  }
  const expected = error instanceof ExpectedFailure;
  const remedy = expected ? error.remedy : 'This is a fault of also-viewed; please report it with the lines below.';
  const stack = error instanceof Error && (!expected || options.verbose) ? redact(error.stack ?? '') : undefined;
  const message = [messageOf(error), remedy].filter(Boolean).join('\n  ');
  log.error(options.logFormat === 'json' ? message : [message, stack].filter(Boolean).join('\n'), { exitCode, stack });
  return exitCode;
}

/** Help and version come as errors too, with code 0; help that was not asked for has been printed already. */
function reportUsage(error: CommanderError, say: (message: string, fields: { exitCode: number }) => void): number {
  if (error.exitCode === 0) {
    return 0;
  }
  const exitCode = exitCodes.usage;
  if (error.code !== 'commander.help') {
    say(redact(`${error.message.replace(/^error: /, '')}\nAdd --help for the options.`), { exitCode });
  }
  return exitCode;
}
