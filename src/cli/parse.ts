import { InvalidArgumentError } from 'commander';

/** A whole number of at least one. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return count;
}
