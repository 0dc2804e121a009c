import type { ViewedPaths } from './viewed-paths.ts';

/** The paths that two products share. */
export class ViewedPair {
  /** Those that count, and those that are left out for their length. */
  readonly #counted: Uint32Array;
  readonly leftOut: Uint32Array;
  readonly #paths: ViewedPaths;

  constructor(paths: ViewedPaths, source: number, target: number) {
    const shared = paths.pathsOf(source).filter((path) => paths.productsOf(path).includes(target));
    this.#paths = paths;
    this.#counted = shared.filter((path) => paths.counts(path));
    this.leftOut = shared.filter((path) => !paths.counts(path));
  }

  get weight(): number {
    return this.#counted.length;
  }

  /** Products of the shortest path that is left out. */
  get shortestLeftOut(): number {
    return this.leftOut.reduce((least, path) => Math.min(least, this.#paths.length(path)), Number.POSITIVE_INFINITY);
  }

  /** The paths of fewest products among those that count: they say most about the two. */
  shortest(most: number): number[] {
    return [...this.#counted].sort((a, b) => this.#paths.length(a) - this.#paths.length(b)).slice(0, most);
  }
}
