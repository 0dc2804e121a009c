import type { ViewChunks } from '../../engine/local/view-collector.ts';
import type { Sequences } from './sequences.ts';
import type { StepTargets } from './split-names.ts';

/** Finds the steps of paths: a view, and the product that was viewed just before it in the path. */
export class StepFinder {
  readonly #sequences: Sequences;
  readonly #targets: StepTargets;
  /** The last path, plus one, in which a product was seen. */
  readonly #seenIn: Uint32Array;

  constructor(sequences: Sequences, products: number, targets: StepTargets) {
    this.#sequences = sequences;
    this.#targets = targets;
    this.#seenIn = new Uint32Array(products);
  }

  /** Adds the source and the target of each step of a path; returns whether there are any. A path can be asked for once. */
  addSteps(path: number, steps: ViewChunks): boolean {
    const { starts, viewed } = this.#sequences;
    const start = starts[path]!;
    const before = steps.rows;
    for (let at = start; at < starts[path + 1]!; at++) {
      if ((this.#isNew(viewed[at]!, path) || this.#targets === 'all') && at > start) {
        steps.add(viewed[at - 1]!, viewed[at]!);
      }
    }
    return steps.rows > before;
  }

  /** The step to the last product that is new to a path, if it has more than one product. A path can be asked for once. */
  lastNew(path: number): { readonly source: number; readonly target: number } | undefined {
    const { starts, viewed } = this.#sequences;
    const start = starts[path]!;
    let last = start;
    for (let at = start; at < starts[path + 1]!; at++) {
      last = this.#isNew(viewed[at]!, path) ? at : last;
    }
    return last === start ? undefined : { source: viewed[last - 1]!, target: viewed[last]! };
  }

  #isNew(product: number, path: number): boolean {
    const isNew = this.#seenIn[product] !== path + 1;
    this.#seenIn[product] = path + 1;
    return isNew;
  }
}
