import type { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { ClosedPipe, ExpectedFailure, exitCodes, Interrupted, messageOf } from '../failure.ts';
import { openLog } from './log.ts';

/**
 * Tells the operator why a command ended.
 *
 * @param verbose whether stack traces are wanted
 * @returns the exit code
 */
export async function reportFailure(error: unknown, argv: readonly string[], stderr: Writable): Promise<number> {
  if (error instanceof CommanderError) {
    // Commander has printed it; help and version come this way too.
    return error.exitCode === 0 ? 0 : exitCodes.usage;
  }
  if (error instanceof ClosedPipe) {
    return 0;
  }
  const json = argv.some(
    (word, at) => word === '--log-format=json' || (word === 'json' && argv[at - 1] === '--log-format'),
  );
  const log = await openLog({ logFormat: json ? 'json' : 'text' }, stderr);
  if (error instanceof Interrupted) {
    log.error(error.message);
    return error.signal === 'SIGTERM' ? 143 : 130;
  }
  const expected = error instanceof ExpectedFailure;
  const exitCode = expected ? error.exitCode : exitCodes.bug;
  const remedy = expected ? error.remedy : 'This is a fault of also-viewed; please report it with the lines below.';
  log.error([messageOf(error), remedy].filter(Boolean).join('\n  '), { exitCode });
  if (!expected || argv.includes('--verbose')) {
    stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
  return exitCode;
}
