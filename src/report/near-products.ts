import leven from 'leven';
import { printable } from '../printable.ts';
import type { Names } from './names.ts';

/** A product that may have been meant. */
export interface NearProduct {
  readonly product: string;
  readonly name: string | undefined;
}

/** So many are suggested. */
const suggested = 3;

/** The other products that are nearest to what was asked for, by id or by name, the nearest first. */
export function nearest(wanted: string, names: Names, others: Iterable<string>): NearProduct[] {
  const near = new NearProducts(wanted);
  for (const [product, name] of names) {
    if (product !== wanted) {
      near.offer(product, name);
    }
  }
  for (const product of others) {
    if (product !== wanted && !names.has(product)) {
      near.offer(product, undefined);
    }
  }
  return near.best;
}

/** `1001 (Curlew Tent), 1002`; nothing when nothing is near. */
export function didYouMean(near: readonly NearProduct[]): string | undefined {
  const meant = near.map(({ product, name }) => (name === undefined ? product : `${product} (${printable(name)})`));
  return meant.length === 0 ? undefined : `Did you mean ${meant.join(', ')}?`;
}

class NearProducts {
  readonly #wanted: string;
  readonly #words: readonly string[];
  /** Edits within which something is near: a third of what was written. */
  readonly #limit: number;
  #best: (NearProduct & { readonly distance: number })[] = [];

  constructor(wanted: string) {
    this.#wanted = wanted.toLowerCase();
    this.#words = this.#wanted.split(/\s+/).filter(Boolean);
    this.#limit = Math.floor(wanted.length / 3);
  }

  /** The nearest first. */
  get best(): NearProduct[] {
    return this.#best.map(({ product, name }) => ({ product, name }));
  }

  offer(product: string, name: string | undefined): void {
    const distance = Math.min(
      this.#distance(product),
      name === undefined ? Number.POSITIVE_INFINITY : this.#toName(name),
    );
    if (distance <= this.#limit) {
      this.#best = [...this.#best, { product, name, distance }]
        // Of those that are as near the lower ids, in whatever order they came.
        .sort((a, b) => a.distance - b.distance || (a.product < b.product ? -1 : 1))
        .slice(0, suggested);
    }
  }

  /** A name is near as a whole, by one of its words, and when it holds all words that were written. */
  #toName(name: string): number {
    const words = name.split(/[^\p{L}\p{N}]+/u);
    const whole = name.toLowerCase();
    const contains =
      this.#wanted.length > 2 && this.#words.every((word) => whole.includes(word)) ? 0.5 : Number.POSITIVE_INFINITY;
    return Math.min(contains, ...[name, ...words].map((part) => this.#distance(part)));
  }

  #distance(text: string): number {
    // One more than the limit stands for all that is farther.
    return leven(this.#wanted, text.toLowerCase(), { maxDistance: this.#limit + 1 });
  }
}
