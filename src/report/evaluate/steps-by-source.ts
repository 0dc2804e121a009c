import type { ViewChunks } from '../../engine/local/view-collector.ts';
import { addUp } from '../../relation/transpose.ts';

/** Targets of the steps from product `p`: `targets[starts[p], starts[p + 1])`. */
export interface StepLists {
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
}

/** The targets of all steps from a source. */
export function stepsFrom({ starts, targets }: StepLists, source: number): Uint32Array {
  return targets.subarray(starts[source], starts[source + 1]);
}

function shared32(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(4 * length));
}

/** Steps by the product that was viewed first, in memory that threads share. 4 bytes a step, 4 a product. */
export class StepsBySource {
  readonly #starts: Uint32Array;
  readonly #targets: Uint32Array;

  /** @param numberOf the number of each product here */
  constructor(steps: ViewChunks, numberOf: Uint32Array) {
    steps.end();
    const { chunks, rows } = steps;
    this.#starts = shared32(numberOf.length + 1);
    this.#targets = shared32(rows);
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += 2) {
        this.#starts[numberOf[chunk[at]!]! + 1]!++;
      }
    }
    addUp(this.#starts);
    const next = this.#starts.slice();
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += 2) {
        this.#targets[next[numberOf[chunk[at]!]!]!++] = numberOf[chunk[at + 1]!]!;
      }
    }
  }

  get count(): number {
    return this.#targets.length;
  }

  get lists(): StepLists {
    return { starts: this.#starts, targets: this.#targets };
  }

  /** The targets of all steps from a source. */
  from(source: number): Uint32Array {
    return stepsFrom(this.lists, source);
  }

  /** How many steps have a source, and how many a target, of which `is` is true. */
  countOf(is: (product: number) => boolean): { readonly sources: number; readonly targets: number } {
    let sources = 0;
    for (let source = 0; source + 1 < this.#starts.length; source++) {
      sources += is(source) ? this.#starts[source + 1]! - this.#starts[source]! : 0;
    }
    return { sources, targets: this.#targets.filter(is).length };
  }
}
