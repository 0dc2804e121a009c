import { freeBytes } from '../storage/free-bytes.ts';
import { describeBytes } from './describe-bytes.ts';
import type { Report } from './report.ts';

/**
 * Whether a folder has room for what is written to it again.
 *
 * @param taken bytes that it took the last time; `undefined` when it has not been written yet
 * @param what took them: `the last run`
 * @param remedy where there is not
 */
export async function checkRoom(
  report: Report,
  folder: string,
  taken: number | undefined,
  what: string,
  remedy: string,
): Promise<void> {
  const free = await freeBytes(folder);
  if (free === undefined) {
    report.ok('how much is free cannot be told of this file system');
    return;
  }
  const room = `${describeBytes(free)} are free`;
  if (taken === undefined) {
    report.ok(room);
  } else if (free < taken) {
    report.failure(`${room}, and ${what} took ${describeBytes(taken)}`, remedy, 'inputOutput');
  } else {
    report.ok(`${room}; ${what} took ${describeBytes(taken)}`);
  }
}
