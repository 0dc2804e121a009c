import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';

/** Milliseconds by which time goes on at once, and those that really pass meanwhile, in which a server of this machine can answer. */
interface Pace {
  readonly stepMs: number;
  readonly realMs: number;
}

/**
 * Waits for some work with timers of which one that is to wait for minutes waits for milliseconds.
 *
 * @param goesOn whether time is to go on: while servers answer it is not, or they would seem slow
 * @returns its outcome, and the seconds that it seemed to take
 */
export async function inFakeTime<T>(
  work: () => Promise<T>,
  goesOn: () => boolean,
  { stepMs, realMs }: Pace = { stepMs: 4000, realMs: 2 },
): Promise<{ readonly outcome: PromiseSettledResult<T>; readonly seconds: number }> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  try {
    let outcome: PromiseSettledResult<T> | undefined;
    void Promise.allSettled([work()]).then(([settled]) => {
      outcome = settled;
    });
    let passed = 0;
    while (outcome === undefined) {
      await sleep(realMs);
      if (goesOn()) {
        vi.advanceTimersByTime(stepMs);
        passed += stepMs;
      }
    }
    return { outcome, seconds: passed / 1000 };
  } finally {
    vi.useRealTimers();
  }
}
