import type { ScoreName } from '../../relation/scores.ts';

/** What the page knows of the products, for its script. */
export interface ShopData {
  /** The products with a list first; behind them others that are only named in lists. */
  readonly ids: readonly string[];
  /** Of each product, `''` without one. */
  readonly names: readonly string[];
  /** Of each product, the paths that count; `undefined` without views. */
  readonly paths: readonly number[] | undefined;
  /** Paths that count in all; `undefined` without views. */
  readonly allPaths: number | undefined;
  /** Of each product, the targets of its whole list. */
  readonly targets: readonly number[];
  /** Of each product, all lists that it is in. */
  readonly sources: readonly number[];
  /** Targets that the lists have here at most. */
  readonly shownTargets: number;
  /** What orders the lists. */
  readonly score: ScoreName;
  /** Of the first products: target, weight, target, weight and so on, by score descending, then by weight. */
  readonly lists: readonly (readonly number[])[];
  /** Why products have no list, by their place. */
  readonly reasons: Readonly<Record<number, string>>;
}
