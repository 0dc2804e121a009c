import type { Effects } from './effects.ts';

/**
 * Effects whose signal comes so many milliseconds after the job's: for what is still to be done by a job that was told to stop.
 *
 * @returns the effects, and what is to be called once they are not needed any more
 */
export function outlasting(effects: Effects, ms: number): { own: Effects; done: () => void } {
  const later = new AbortController();
  const stop = (): void => {
    setTimeout(() => later.abort(effects.signal.reason), ms).unref();
  };
  effects.signal.addEventListener('abort', stop);
  if (effects.signal.aborted) {
    stop();
  }
  return {
    own: { ...effects, signal: later.signal },
    done: () => effects.signal.removeEventListener('abort', stop),
  };
}
