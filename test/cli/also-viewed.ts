import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expectNoSecret } from '../services/secret-mark.ts';

/** How a command ended and what it said. */
export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  /** The one that did. */
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** All of standard input; without it, standard input stays open and silent. */
  readonly stdin?: string;
  /** Sent when what the command has printed on standard error matches, or so many milliseconds after that. */
  readonly signal?: { readonly when: RegExp; readonly send: NodeJS.Signals; readonly after?: number };
  /** Gets all that the command has printed on standard error, whenever there is more. */
  readonly watch?: (stderr: string) => void;
}

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));

/**
 * Runs the built command line in a process of its own, without the environment of the tests.
 *
 * @throws when it says a secret of the servers that tests use
 */
export async function alsoViewed(args: readonly string[], given: Given = {}): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: given.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TMPDIR: process.env['TMPDIR'], ...given.env },
  });
  let stdout = '';
  let stderr = '';
  let timer: NodeJS.Timeout | undefined;
  const { when, send, after = 0 } = given.signal ?? {};
  const signalWhenSaid = (): void => {
    if (timer === undefined && when?.test(stderr)) {
      timer = setTimeout(() => child.kill(send), after);
    }
  };
  signalWhenSaid();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    given.watch?.(stderr);
    signalWhenSaid();
  });
  child.stdin.on('error', () => {});
  if (given.stdin !== undefined) {
    child.stdin.end(given.stdin);
  }
  const end = await new Promise<Pick<Ended, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal: signal ?? undefined });
    });
  });
  expectNoSecret(stdout + stderr, 'the output');
  return { ...end, stdout, stderr };
}
