import { setTimeout as sleep } from 'node:timers/promises';
import type { StopSignal } from '../failure.ts';

/** Milliseconds between two looks. They are counted, and no clock is asked: a process that was stopped, or got no processor, is not late. */
const lookMs = 250;

/** For a command that was told to stop: its tidying takes 4500 ms at most, and who sent the signal expects an end within 5 s. */
const stoppedLooks = 19;

/** For one that is over: half a minute, after the ten that its calls have waited (src/answered.ts). */
const overLooks = 120;

/** What saying why may still take, in milliseconds: it may have to be loaded from a disk. */
const sayingMs = 200;

/**
 * Ends this process some time after a signal where a file system or a name server holds it, which does not answer. A job on a cluster that is still being
 * ended is waited for.
 *
 * @param say says why, unless that has been said
 */
export function endAfterSignal(signal: StopSignal, say: () => Promise<void>): void {
  const end = (): void => {
    process.removeAllListeners(signal);
    // Shells see it as 128 and the number of the signal.
    process.kill(process.pid, signal);
  };
  afterLooks(
    stoppedLooks,
    () => isHeldBy('FSReq', 'GetAddrInfoReq'),
    () => void Promise.race([say(), sleep(sayingMs)]).finally(end),
  );
}

/**
 * Ends this process once its command is over and a file system holds it, which does not answer. Not by `process.exit()`, which waits for its threads
 * (libuv/libuv#364). Only a program that takes its place, as Node.js can let one from 22.15 on, ends with an exit code. A name server that does not
 * answer is waited for: it is given up by the system, after some minutes.
 */
export function endWhenOver(): void {
  afterLooks(
    overLooks,
    () => isHeldBy('FSReq'),
    () => {
      const execve: unknown = Reflect.get(process, 'execve');
      if (typeof execve === 'function') {
        execve.call(process, '/bin/sh', ['sh', '-c', `exit ${process.exitCode ?? 0}`]);
      }
      process.kill(process.pid, 'SIGKILL');
    },
  );
}

/** Calls `then` once something was so at so many looks in turn. They do not keep the process. */
function afterLooks(looks: number, isSo: () => boolean, then: () => void): void {
  let seen = 0;
  const timer = setInterval(() => {
    seen = isSo() ? seen + 1 : 0;
    if (seen === looks) {
      clearInterval(timer);
      then();
    }
  }, lookMs).unref();
}

/** @param requests beginnings of the names that Node.js gives to calls under way */
function isHeldBy(...requests: readonly string[]): boolean {
  return process.getActiveResourcesInfo().some((name) => requests.some((request) => name.startsWith(request)));
}
