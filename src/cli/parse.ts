import { InvalidArgumentError } from 'commander';

/** A whole number of at least one. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return count;
}

/** `name=value`; each one is added to those before it. */
export function parseProperty(text: string, before: readonly string[] = []): string[] {
  if (!/^[\w.-]+=/.test(text)) {
    throw new InvalidArgumentError('It must be name=value.');
  }
  return [...before, text];
}
