import { randomBytes } from 'node:crypto';
import { type Effects, silentLog } from './effects.ts';
import { pause } from './pause.ts';

/** The effects of this process; `given` replaces some of them. */
export function defaultEffects(given: Partial<Effects> = {}): Effects {
  return {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    log: silentLog,
    number: String,
    progress: () => {},
    alive: () => {},
    signal: new AbortController().signal,
    now: () => new Date(),
    pause,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    ...given,
  };
}
