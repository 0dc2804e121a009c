import { fork } from 'node:child_process';
import { constants } from 'node:os';
import { ExpectedFailure, Interrupted } from '../failure.ts';

/** When the command is given up, in milliseconds after it has said that it begins: it has its own limits, which hold unless it stands still. */
const limitMs = 9000;

/** How long it may still take to end once it has told its exit code, or was told to stop by the terminal, which tells us too. */
const patienceMs = 500;

/**
 * Runs the command of this process in another one, which says that it begins, and sends its exit code once all is printed. Then it is not waited
 * for: a process does not end, not even by `process.exit()`, while one of its threads waits for a file system or a name server that does not
 * answer (libuv/libuv#364).
 *
 * @returns the exit code
 * @throws ExpectedFailure `unavailable` when it has told none in time
 */
export async function inChild(signal: AbortSignal): Promise<number> {
  const child = fork(process.argv[1] ?? '', process.argv.slice(2));
  const timers: NodeJS.Timeout[] = [];
  const stop = (): void => {
    const name = signal.reason instanceof Interrupted ? signal.reason.signal : 'SIGTERM';
    timers.push(setTimeout(() => child.kill(name), patienceMs));
  };
  signal.addEventListener('abort', stop);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, killed) => resolve(code ?? 128 + constants.signals[killed ?? 'SIGKILL']));
      child.on('message', (told) => {
        const over = typeof told === 'number' ? () => resolve(told) : () => reject(notOver());
        timers.push(setTimeout(over, typeof told === 'number' ? patienceMs : limitMs));
      });
    });
  } finally {
    signal.removeEventListener('abort', stop);
    for (const timer of timers) {
      clearTimeout(timer);
    }
    if (child.connected) {
      child.disconnect();
    }
    child.kill('SIGKILL');
    child.unref();
  }
}

function notOver(): ExpectedFailure {
  return new ExpectedFailure('unavailable', `There was no answer within ${limitMs / 1000} s`, {
    remedy: 'A file system of the network, or a name server, may be away: see whether `df` and `host` answer.',
  });
}
