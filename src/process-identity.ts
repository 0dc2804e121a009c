import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errorCode } from './failure.ts';

/** Which process, in a way that others can find out whether it has ended. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * A digest of the host, its start, and the container: only where all are the same, a pid means the same process. The name of the host would not
   * do, since containers may share one and have pids of their own.
   */
  readonly machine: string;
  /** When the process started, in ticks since the start of the machine; where that is not to be had, a pid may be another process's by now. */
  readonly startedTicks?: number | undefined;
}

export function thisProcess(): ProcessIdentity {
  const { pid } = process;
  return { pid, machine: machine(), startedTicks: stateOf(pid)?.startedTicks };
}

/** As a part of the name of a file. */
export function formatProcess({ machine, pid, startedTicks }: ProcessIdentity): string {
  return `${machine}-${pid}-${startedTicks ?? ''}`;
}

/** The process in the name of a file; `undefined` when that is none. */
export function parseProcess(text: string): ProcessIdentity | undefined {
  const [, itsMachine, pid, ticks] = /^([0-9a-f]{16})-(\d+)-(\d*)$/.exec(text) ?? [];
  return itsMachine === undefined
    ? undefined
    : { machine: itsMachine, pid: Number(pid), startedTicks: ticks === '' ? undefined : Number(ticks) };
}

/** Whether a process is known to have ended. */
export function hasEnded({ machine: itsMachine, pid, startedTicks }: ProcessIdentity): boolean {
  if (itsMachine !== machine()) {
    return false;
  }
  try {
    // Asks only. Not /proc, which may hide the processes of other users.
    process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
  const state = stateOf(pid);
  return state !== undefined && (state.isZombie || (startedTicks !== undefined && state.startedTicks !== startedTicks));
}

function machine(): string {
  return createHash('sha256').update(machineName()).digest('hex').slice(0, 16);
}

function machineName(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${hostname()} ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // No Linux, so no containers with pids of their own.
    return hostname();
  }
}

/** From /proc/PID/stat (proc_pid_stat(5)), whose second field, a name in parentheses, may hold anything. */
function stateOf(pid: number): { readonly isZombie: boolean; readonly startedTicks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { isZombie: state === 'Z' || state === 'X', startedTicks: Number(rest[18]) };
  } catch {
    return undefined;
  }
}
