import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { dieWithParent } from '../process.ts';
import type { CancellationOption } from './step.ts';

const interrupt: CancellationOption = 'SEND_INTERRUPT';

export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
  /** Files that it appends to. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a process group of its own, which is killed as a whole when the signal says so (for SEND_INTERRUPT, when the process has ended on its SIGTERM). Resolves to the exit code; 127 when there is no such command. */
export async function runProcess(
  { command, args, env, cwd, stdout, stderr }: Run,
  signal: AbortSignal,
): Promise<number> {
  if (signal.aborted) return 137;
  const out = openSync(stdout, 'a');
  const err = openSync(stderr, 'a');
  // setpriv and env look the command up in this PATH: the one of the node.
  const [launcher, ...words] = dieWithParent;
  const child = spawn(launcher, [...words, 'env', command, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', out, err],
  });
  closeSync(out);
  closeSync(err);
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone.
    }
  };
  // At the end of this process there is no time for more.
  process.on('exit', kill);
  const end = () => {
    if (signal.reason === interrupt) child.kill('SIGTERM');
    else kill();
  };
  signal.addEventListener('abort', end);
  try {
    const [code] = await once(child, 'exit');
    return typeof code === 'number' ? code : 137;
  } finally {
    // What it left in the background ends with it.
    kill();
    signal.removeEventListener('abort', end);
    process.off('exit', kill);
  }
}
