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
    // Not loaded by those who want none: it takes a tenth of a start.
    randomHex: (bytes) => process.getBuiltinModule('node:crypto').randomBytes(bytes).toString('hex'),
    ...given,
  };
}
