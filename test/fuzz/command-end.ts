import { Writable } from 'node:stream';
import { reportFailure } from '#dist/cli/report-failure.js';

/** How the command line would end with `error`: its exit code, and all that it would say. */
export async function commandEnd(error: unknown): Promise<{ readonly code: number; readonly said: string }> {
  let said = '';
  const stderr = new Writable({
    write(chunk, _encoding, done) {
      said += String(chunk);
      done();
    },
  });
  const code = await reportFailure(error, { log: { logFormat: 'text', quiet: false, verbose: true } }, stderr);
  return { code, said };
}

/** How a command would end that does `act`; with code 0 when that throws nothing. */
export async function endOf(act: () => unknown): Promise<{ readonly code: number; readonly said: string }> {
  try {
    await act();
    return { code: 0, said: '' };
  } catch (error) {
    return await commandEnd(error);
  }
}
