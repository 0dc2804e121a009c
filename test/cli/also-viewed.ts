import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expectNoSecret } from '../services/secret-mark.ts';

/** How a command ended and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** All of standard input; without it, standard input stays open and silent. */
  readonly stdin?: string;
  /** Sent when the command has printed something on standard error that matches. */
  readonly signal?: { readonly when: RegExp; readonly send: NodeJS.Signals };
  /** Gets all that the command has printed on standard error, whenever there is more. */
  readonly watch?: (stderr: string) => void;
}

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

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
  let signalled = false;
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
    given.watch?.(stderr);
    if (!signalled && given.signal?.when.test(stderr)) {
      signalled = true;
      child.kill(given.signal.send);
    }
  });
  child.stdin.on('error', () => {});
  if (given.stdin !== undefined) {
    child.stdin.end(given.stdin);
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  expectNoSecret(stdout + stderr, 'the output');
  return { code, stdout, stderr };
}
