import type { Effects } from './effects.ts';
import { abortIn } from './with-limit.ts';

/**
 * Effects whose signal comes so many milliseconds after the job's: for what is still to be done by a job that was told to stop.
 *
 * @param ms a function is asked when the signal comes
 * @returns the effects; what lets their signal come in so many milliseconds, whatever the job's does; and what is to be called once they are not
 *   needed any more
 */
export function outlasting(
  effects: Effects,
  ms: number | (() => number),
): { own: Effects; endIn: (ms: number) => void; done: () => void } {
  const later = new AbortController();
  const stop = (): void => {
    setTimeout(() => later.abort(effects.signal.reason), typeof ms === 'number' ? ms : ms()).unref();
  };
  effects.signal.addEventListener('abort', stop);
  if (effects.signal.aborted) {
    stop();
  }
  return {
    own: { ...effects, signal: later.signal },
    endIn: (left) => abortIn(later, left),
    done: () => effects.signal.removeEventListener('abort', stop),
  };
}
