import { duration } from '../duration.ts';

/** `12 min ago`. */
export function describeAge(time: Date, now: Date): string {
  return `${duration(Math.max(0, now.getTime() - time.getTime()))} ago`;
}
