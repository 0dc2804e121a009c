import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';

/** Lines of a client's output that are kept to explain a failure. */
const keptLines = 4_000;

/** How a command of the client ended, and the last lines of all that it said. */
export interface CommandEnd {
  readonly code: number;
  readonly lines: readonly string[];
}

/** The `hadoop` client of this machine, which knows the cluster. */
export interface HadoopClient {
  /** Its program: HADOOP_HOME/bin/hadoop, or `hadoop` of the PATH. */
  readonly program: string;
  /** The jar of Hadoop Streaming that belongs to it. */
  readonly streamingJar: string;
}

/** Places of the streaming jar below the folder of Hadoop: Apache's own, Debian-like packages, EMR, and jars in one folder. */
const jarFolders = ['share/hadoop/tools/lib', 'share', '../hadoop-mapreduce', 'lib', '.'];

/** @throws ExpectedFailure when there is no client or no streaming jar */
export async function findHadoop(effects: Effects): Promise<HadoopClient> {
  const { env } = effects;
  const folders = env['HADOOP_HOME']
    ? [path.join(env['HADOOP_HOME'], 'bin')]
    : (env['PATH'] ?? '').split(path.delimiter);
  const program = folders.map((folder) => path.join(folder, 'hadoop')).find(isExecutable);
  if (program === undefined) {
    throw new ExpectedFailure('configuration', 'Cannot use the hadoop engine: there is no `hadoop` command', {
      remedy: 'Put it on the PATH or set HADOOP_HOME.',
    });
  }
  const home = env['HADOOP_HOME'] ?? path.resolve(path.dirname(program), '..');
  for (const folder of [home, '/usr/lib/hadoop'].flatMap((base) =>
    jarFolders.map((below) => path.resolve(base, below)),
  )) {
    const names = await readdir(folder).catch((): string[] => []);
    const jar = names.filter((name) => /^hadoop-streaming(-[\d.]+.*)?\.jar$/.test(name)).sort()[0];
    if (jar !== undefined) {
      return { program, streamingJar: path.join(folder, jar) };
    }
  }
  throw new ExpectedFailure(
    'configuration',
    `Cannot use the hadoop engine: no hadoop-streaming jar belongs to ${program}`,
    {
      remedy: 'Set HADOOP_HOME to the folder of a whole Hadoop.',
    },
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a command of the client.
 *
 * @param folder its own, for what may write: a job of LocalJobRunner makes links in it, and the client unpacks its jar there; `undefined` for what
 *   only looks
 * @param watch takes each line as it comes
 * @throws the reason of the signal, once the client and what it started have ended
 */
export async function runHadoop(
  client: HadoopClient,
  args: readonly string[],
  folder: string | undefined,
  effects: Effects,
  watch: (line: string) => void = () => {},
): Promise<CommandEnd> {
  effects.signal.throwIfAborted();
  // A process group of its own, so that the tasks of LocalJobRunner end with the client.
  const child = spawn(client.program, args, {
    cwd: folder ?? '/',
    env: { ...effects.env, HADOOP_CLIENT_OPTS: clientOptions(effects.env['HADOOP_CLIENT_OPTS'], folder) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => killGroup(child.pid);
  effects.signal.addEventListener('abort', stop, { once: true });
  const lines: string[] = [];
  const follow = async (stream: NodeJS.ReadableStream): Promise<void> => {
    for await (const line of createInterface({ input: stream })) {
      lines.push(line);
      if (lines.length > keptLines) {
        lines.splice(0, keptLines / 2);
      }
      watch(line);
    }
  };
  try {
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    const [code] = await Promise.all([ended, follow(child.stdout), follow(child.stderr)]);
    effects.signal.throwIfAborted();
    return { code, lines };
  } finally {
    effects.signal.removeEventListener('abort', stop);
  }
}

/**
 * A client that is killed leaves its temporary files behind, in a folder that we remove. One without a folder is kept from the file that every
 * machine of Java has of its own in /tmp. The launcher splits the options at blanks.
 */
function clientOptions(given: string | undefined, folder: string | undefined): string | undefined {
  const option = folder === undefined ? '-XX:-UsePerfData' : `-Djava.io.tmpdir=${folder}`;
  return /\s/.test(option) ? given : `${given ?? ''} ${option}`.trim();
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
