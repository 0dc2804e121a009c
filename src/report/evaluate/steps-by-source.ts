import type { ViewChunks } from '../../engine/local/view-collector.ts';
import { addUp } from '../../relation/transpose.ts';

/** Steps by the product that was viewed first. 4 bytes a step, 4 a product. */
export class StepsBySource {
  readonly #starts: Uint32Array;
  readonly #targets: Uint32Array;

  /** @param numberOf the number of each product here */
  constructor(steps: ViewChunks, numberOf: Uint32Array) {
    steps.end();
    const { chunks, rows } = steps;
    this.#starts = new Uint32Array(numberOf.length + 1);
    this.#targets = new Uint32Array(rows);
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

  /** The targets of all steps from a source. */
  from(source: number): Uint32Array {
    return this.#targets.subarray(this.#starts[source], this.#starts[source + 1]);
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
