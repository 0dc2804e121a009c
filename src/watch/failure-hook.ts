import { spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import type { Effects } from '../effects.ts';
import { messageOf } from '../failure.ts';
import { redact } from '../redact.ts';
import { withLimit } from '../with-limit.ts';
import { failedStage, type Outcome } from './outcome.ts';

/** Milliseconds that the command may take. */
const limitMs = 30_000;

/** Bytes of what it says that are shown when it fails. */
const shownBytes = 2000;

/** Characters of a text that the command gets: of a variable of 128 KiB the system would refuse to start it. */
const longestText = 10_000;

/** Variables that hold something that nobody else needs to know. */
const secret = /PASSWORD|PASSWD|_PWD$|SECRET|TOKEN|CREDENTIAL|^ALSO_VIEWED_(PING|ON_FAILURE|HADOOP_PROPERTY)$/i;

/** Reads the command from a descriptor, which is closed before it begins: what stands in an argument, the list of processes shows to everybody. */
const script = 'script=$(cat <&3); exec 3<&-; eval "$script"';

/**
 * Runs a command of the operator's after a failure, through the shell, in the environment of the job without its passwords and with what
 * happened. The command may hold a secret. That the command fails, or takes too long, is a warning.
 */
export async function runFailureHook(
  command: string,
  outcome: Outcome,
  store: string | undefined,
  { env, log, signal }: Effects,
): Promise<void> {
  const child = spawn('/bin/sh', ['-c', script], {
    env: { ...withoutSecrets(env), ...described(outcome, store) },
    // A process group of its own, so that all that it starts ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const commandPipe = child.stdio[3];
  if (commandPipe instanceof Writable) {
    // A shell that is not there, or ends at once, says so by its end.
    commandPipe.on('error', () => {}).end(command);
  }
  let said = Buffer.alloc(0);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]).subarray(0, shownBytes);
    });
  }
  const end = withLimit(signal, limitMs);
  let how: string | undefined = 'it took too long';
  await new Promise<void>((resolve) => {
    child.once('error', (error) => {
      how = messageOf(error);
      resolve();
    });
    child.once('exit', (code, killed) => {
      how = code === 0 ? undefined : `it ended with ${code ?? killed}`;
      endGroup(child.pid);
    });
    child.once('close', () => resolve());
    end.addEventListener('abort', () => resolve());
  });
  endGroup(child.pid);
  // What it started may have left its group and still hold the other ends.
  for (const stream of child.stdio) {
    stream?.destroy();
  }
  if (how !== undefined) {
    const text = redact(said.toString('utf8').trim());
    log.warn([`The command for failures did not work: ${how}`, text].filter(Boolean).join('\n  '));
  }
}

function withoutSecrets(env: Effects['env']): Effects['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.test(name)));
}

function described(outcome: Outcome, store: string | undefined): Record<string, string> {
  const { manifest, exitCode, failure } = outcome;
  return {
    ALSO_VIEWED_STORE: store ?? '',
    ALSO_VIEWED_RUN_ID: manifest?.run ?? '',
    ALSO_VIEWED_STAGE: failedStage(outcome) ?? '',
    ALSO_VIEWED_EXIT_CODE: String(exitCode),
    ALSO_VIEWED_MESSAGE: failure?.message.slice(0, longestText) ?? '',
    ALSO_VIEWED_REMEDY: failure?.remedy?.slice(0, longestText) ?? '',
  };
}

function endGroup(pid: number | undefined): void {
  if (pid !== undefined) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
