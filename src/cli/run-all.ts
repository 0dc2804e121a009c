import type { Command } from 'commander';
import pLimit from 'p-limit';
import type { Effects } from '../effects.ts';
import { exitCodeOf } from '../failure.ts';
import { openEffects } from './command.ts';
import { type Configured, configureAll } from './configuration.ts';
import { openLog } from './log.ts';
import { reportFailure } from './report-failure.ts';
import { logOptionsOf, type Session } from './session.ts';
import { orTell } from './unconfigured.ts';

/** Runs the job of a store, in as much memory if its options say nothing of that. */
type RunStore = (store: Configured, session: Session, effects: Effects, memory: number | undefined) => Promise<void>;

/**
 * Runs every store of the configuration file. One that fails says why and does not stop the others; in the end the process has the exit code of
 * the first that failed, in the order of the file.
 *
 * @throws ExpectedFailure before any store begins, when the file cannot be used
 * @throws the reason of the session's signal when that stops all of them
 */
export async function runAll(command: Command, session: Session, runStore: RunStore): Promise<void> {
  const stores = await orTell(command, session, () => configureAll(command, process.env));
  const { concurrency } = command.opts<{ readonly concurrency: number }>();
  const memory = await memoryOfEach(Math.min(concurrency, stores.length));
  const runOne = async (store: Configured): Promise<number> => {
    const { command: own, env } = store;
    const ownSession: Session = { ...session, crowded: concurrency > 1 };
    try {
      // Those that still wait when the signal comes do not begin.
      session.signal.throwIfAborted();
      const local = own.getOptionValue('engine') === 'local';
      await runStore(store, ownSession, await openEffects(own, ownSession, env), local ? memory : undefined);
      return 0;
    } catch (error) {
      return session.signal.aborted
        ? exitCodeOf(session.signal.reason)
        : await reportFailure(error, ownSession, process.stderr);
    }
  };
  const codes = await pLimit(concurrency).map(stores, async (each) => ({
    store: each.store,
    code: await runOne(each),
  }));
  session.signal.throwIfAborted();
  const failed = codes.filter(({ code }) => code !== 0);
  const log = await openLog(logOptionsOf(command), process.stderr);
  const [first] = failed;
  if (first === undefined) {
    log.info(`All ${codes.length} stores are done`);
  } else {
    const names = failed.map(({ store, code }) => `${store} (${code})`).join(', ');
    log.error(`${failed.length} of ${codes.length} stores failed: ${names}`, { exitCode: first.code });
    process.exitCode = first.code;
  }
}

/** What is free, divided among so many jobs of the local engine: each would take three quarters of it for itself. */
async function memoryOfEach(jobs: number): Promise<number | undefined> {
  if (jobs === 1) {
    return undefined;
  }
  const { defaultMemory, leastMemory } = await import('../engine/local/memory-plan.ts');
  return Math.max(leastMemory, Math.floor(defaultMemory() / jobs));
}
