import { hostname } from 'node:os';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, messageOf } from '../failure.ts';
import { thisProcess } from '../process-identity.ts';
import { inFolder, type Storage } from '../storage/storage.ts';
import { acquireLock } from './acquire-lock.ts';
import { describeHolder, formatHolder, type LockHolder, parseHolder } from './lock-holder.ts';
import type { WorkLock } from './work-lock.ts';
import { WorkTaken } from './work-taken.ts';

/** A holder that is silent for longer than the lease may be dead. It renews its lock four times in it, and whenever it is about to write. */
const leaseSeconds = 60;
const renewMs = 15_000;

/** Between two looks at a lock that is ours, and that somebody is changing. */
const lookMs = 1000;

/** The lock of a work folder in the hands of this process. */
export class HeldLock implements WorkLock {
  readonly #work: string;
  readonly #location: string;
  readonly #storage: Storage;
  readonly #effects: Effects;
  readonly #lost = new AbortController();
  readonly #token: string;
  #since: Date;
  #run: string | undefined;
  #changes = 0;
  #version = '';
  /** The last change, which the next one waits for. */
  #changing: Promise<void> = Promise.resolve();
  /** Changes that have not ended. */
  #pending = 0;
  #renewing: NodeJS.Timeout | undefined;
  readonly #kept = new Set<Promise<unknown>>();

  constructor(work: string, storage: Storage, effects: Effects) {
    this.#work = work;
    this.#location = inFolder(work, 'lock.json');
    this.#storage = storage;
    this.#effects = effects;
    this.#token = effects.randomHex(8);
    this.#since = effects.now();
  }

  /** Aborted when somebody took the lock over. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async acquire(patience: number, effects: Effects): Promise<void> {
    const first = (): Buffer => {
      this.#since = effects.now();
      return this.#content();
    };
    await acquireLock(this.#storage, this.#location, this.#work, first, patience, effects);
    await this.#lookAgain();
    // Unreferenced: it keeps nobody from ending.
    this.#renewing = setInterval(() => this.#renewInTime(), renewMs).unref();
  }

  async confirm(run: string): Promise<void> {
    this.#run = run;
    await this.#renew();
  }

  keepFor(work: Promise<unknown>): void {
    this.#kept.add(work);
    const settled = (): void => void this.#kept.delete(work);
    work.then(settled, settled);
  }

  get isKept(): boolean {
    return this.#kept.size > 0;
  }

  async unkept(): Promise<void> {
    await Promise.allSettled(this.#kept);
  }

  /** That it cannot be released is no failure of the run: others see that this process has ended, or wait for a lease. */
  async release(): Promise<void> {
    clearInterval(this.#renewing);
    await this.#changing.catch(() => {});
    if (this.#lost.signal.aborted) {
      return;
    }
    try {
      // What does not answer would hold one more thread.
      this.#effects.signal.throwIfAborted();
      while (!(await this.#storage.removeIf(this.#location, this.#version))) {
        await this.#lookAgain();
      }
    } catch (error) {
      this.#effects.log.warn(`Could not release ${this.#work}: ${messageOf(error)}`, { run: this.#run });
    }
  }

  #renewInTime(): void {
    if (this.#pending > 0) {
      // While S3 does not answer, they would queue up for hours.
      return;
    }
    void this.#renew().catch((error: unknown) => {
      if (!this.#lost.signal.aborted) {
        // An outage that is over before somebody else needs the folder does no harm; one that is not, the next write will find out.
        this.#effects.log.warn(`Could not renew the lock of ${this.#work}: ${messageOf(error)}`, { run: this.#run });
      }
    });
  }

  #renew(): Promise<void> {
    this.#pending++;
    this.#changing = this.#changing
      .catch(() => {})
      .then(() => this.#renewNow())
      .finally(() => {
        this.#pending--;
      });
    return this.#changing;
  }

  async #renewNow(): Promise<void> {
    for (;;) {
      this.#lost.signal.throwIfAborted();
      const version = await this.#storage.replaceIf(this.#location, this.#content(), this.#version);
      if (version !== undefined) {
        this.#version = version;
        return;
      }
      await this.#lookAgain();
    }
  }

  /** Finds out whose the lock is. It may be ours in another state, when a change was made whose answer did not come. */
  async #lookAgain(): Promise<void> {
    const found = await this.#storage.readVersion(this.#location);
    if (found === undefined || parseHolder(found.content)?.token !== this.#token) {
      throw this.#lose(found?.content);
    }
    if (found.version === this.#version) {
      // Somebody is about to change it.
      await this.#effects.pause(lookMs, this.#effects.signal);
    }
    this.#version = found.version;
  }

  #lose(content: Buffer | undefined): ExpectedFailure {
    const cannot = `Cannot go on writing to ${this.#work}`;
    const remedy = `Run again later. A run that stands still for ${leaseSeconds} s is taken for dead.`;
    const failure =
      content === undefined
        ? new ExpectedFailure('tryLater', `${cannot}: its lock was removed`, { remedy })
        : new WorkTaken(`${cannot}: ${describeHolder(parseHolder(content))} took it over`, remedy);
    this.#lost.abort(failure);
    return failure;
  }

  #content(): Buffer {
    const holder: LockHolder = {
      ...(this.#run === undefined ? {} : { run: this.#run }),
      host: hostname(),
      ...thisProcess(),
      since: this.#since.toISOString(),
      renewedAt: this.#effects.now().toISOString(),
      leaseSeconds,
      token: this.#token,
      changes: this.#changes++,
    };
    return formatHolder(holder);
  }
}
