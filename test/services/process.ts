import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Within the hookTimeout of every configuration; Java takes a minute on a machine that has ten other things to do. */
const START_TIMEOUT_MS = 110_000;
/** Below Vitest's teardownTimeout of 10 s, after which it ends without waiting. */
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 20;

export interface Server {
  /** Ends the server and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

/** A server of one process, which may die and come back. */
export interface ProcessServer extends Server {
  /** Ends it with SIGKILL; its folder stays. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on what it left in its folder, and waits until it answers. */
  restart(): Promise<void>;
}

export interface ServerCommand {
  /** For messages: `MariaDB`. */
  name: string;
  command: string;
  args: string[];
  /** The server's own folder: its output goes to `log` in there, and `stop` removes it. */
  folder: string;
  /** Resolves once the server answers; rejects, soon, while it does not. */
  answers(): Promise<void>;
}

/** Words before a command that make the kernel kill it when the thread that spawned it ends, be it by SIGKILL. */
export const dieWithParent = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

/** Starts a server that lives no longer than this process, and waits until it answers. */
export async function startServer({ name, command, args, folder, answers }: ServerCommand): Promise<ProcessServer> {
  const logPath = join(folder, 'log');
  const [launcher, ...words] = dieWithParent;
  const launch = () => {
    const log = openSync(logPath, 'a');
    const child = spawn(launcher, [...words, command, ...args], { stdio: ['ignore', log, log] });
    closeSync(log);
    const ended = once(child, 'exit').then(
      ([code, signal]) => `it ended with ${signal ?? `exit code ${code}`}`,
      (error) => String(error),
    );
    return { child, ended };
  };
  let running = launch();

  // Vitest answers SIGINT and SIGTERM with process.exit(), without its teardown: what is left to do must be synchronous.
  const dropAtExit = () => {
    running.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.on('exit', dropAtExit);

  const stop = async () => {
    const { child, ended } = running;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
    process.off('exit', dropAtExit);
    await rm(folder, { recursive: true, force: true });
  };

  const untilItAnswers = async () => {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      let problem: string | undefined;
      try {
        await answers();
        return;
      } catch (error) {
        if (Date.now() > deadline) problem = `it does not answer: ${String(error)}`;
      }
      problem = (await Promise.race([running.ended, sleep(POLL_MS)])) ?? problem;
      if (problem !== undefined) {
        const output = await readFile(logPath, 'utf8');
        await stop();
        throw new Error(`Cannot start ${name}: ${problem}\n${output.split('\n').slice(-20).join('\n')}`);
      }
    }
  };

  await untilItAnswers();
  return {
    stop,
    async kill() {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    async restart() {
      running = launch();
      await untilItAnswers();
    },
  };
}
