import { setMaxListeners } from 'node:events';
import type { Effects } from '../effects.ts';
import { outlasting } from '../outlasting.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import { HeldLock } from './held-lock.ts';

/** What the lock may still take, in milliseconds, once the job was told to stop: who sent the signal expects an end within 5 s. */
const tidyingMs = 3800;

/** The same before it is ours: whoever watches is to hear of the end, too. */
const acquiringMs = 2500;

/** The same where the job is still ending what it runs on a cluster, which the engines bound by less. */
const endingMs = 180_000;

/** What releasing it may take, in milliseconds, where S3 does not answer: what is left is as the lock of a killed run. */
const releaseMs = 30_000;

/** That this run, and no other, writes to the work folder. */
export interface WorkLock {
  /**
   * Makes sure that the work folder still is ours, and so for the length of a lease. Before every write that others rely on.
   *
   * @param run who writes, for whoever wants to know
   * @throws ExpectedFailure `tryLater` when somebody took it over
   */
  confirm(run: string): Promise<void>;
  /** Keeps the folder until some work has settled, even if the job is over by then: it has been told, and is still ending what it runs elsewhere. */
  keepFor(work: Promise<unknown>): void;
}

/**
 * Does `body` while no other run uses the work folder, and while none did: what killed ones left unfinished is removed first. The lock is
 * an object, `WORK/lock.json`, that only one process can create, and that each changes only in the state in which it left it.
 *
 * @param wait milliseconds to wait for another run
 * @param body gets effects whose signal is aborted, too, when the lock is lost: somebody took it over while this process stood still
 * @throws ExpectedFailure `tryLater` when another run holds the folder, or took it over; whatever `body` throws
 */
export async function withWorkLock<T>(
  work: string,
  wait: number | undefined,
  effects: Effects,
  body: (lock: WorkLock, effects: Effects) => Promise<T>,
): Promise<T> {
  // The lock of a job that is to stop is released.
  let lock: HeldLock | undefined;
  const { own, endIn, done } = outlasting(effects, () =>
    lock === undefined ? acquiringMs : lock.isKept ? endingMs : tidyingMs,
  );
  const storage = await storageOf(inFolder(work, 'lock.json'), own);
  const held = new HeldLock(work, storage, own);
  const release = async (): Promise<void> => {
    endIn(releaseMs);
    await held.release();
    done();
  };
  try {
    await storage.makeFolder(work);
    await held.acquire(wait ?? 0, effects);
    lock = held;
  } catch (error) {
    done();
    throw error;
  }
  try {
    const signal = AbortSignal.any([effects.signal, held.lost]);
    // Every transfer and every thread listens.
    setMaxListeners(0, signal);
    await storage.removeUnfinished(inFolder(work, 'runs'), true);
    return await body(held, { ...effects, signal });
  } finally {
    if (held.isKept) {
      effects.log.info(`Keeping ${work} until what runs on the cluster has ended`);
      void held.unkept().then(release);
    } else {
      await release();
    }
  }
}
