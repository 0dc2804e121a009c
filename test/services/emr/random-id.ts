import { randomInt } from 'node:crypto';

/** An id as the service makes them: 13 capitals and digits behind the prefix. */
export function randomId(prefix: string): string {
  return prefix + Array.from({ length: 13 }, () => randomInt(36).toString(36).toUpperCase()).join('');
}
