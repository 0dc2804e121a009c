import { count } from './figures.ts';

/** How many values lie from `from` to `to`, both included. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bins up to 2^32. */
const bins = 33;

/** Counts positive integers in bins that double: 1, 2, 3–4, 5–8 and so on, which is a logarithmic scale that everybody can read. */
export class Histogram {
  readonly #counts = new Float64Array(bins);

  add(value: number): void {
    this.#counts[value > 2 ** 31 ? bins - 1 : 32 - Math.clz32(value - 1)]!++;
  }

  /** From the first one that holds something to the last. */
  get bins(): Bin[] {
    const isFull = (count: number): boolean => count > 0;
    return Array.from(this.#counts, (count, at) => ({
      from: at === 0 ? 1 : 2 ** (at - 1) + 1,
      to: 2 ** at,
      count,
    })).slice(this.#counts.findIndex(isFull), this.#counts.findLastIndex(isFull) + 1);
  }
}

/** The values of a bin in words. */
export function binLabel({ from, to }: Bin): string {
  return from === to ? count(from) : `${count(from)}–${count(to)}`;
}
