import type { CompareIds } from '../tsv/relation-order.ts';
import { RelationBatch } from '../tsv/relation-rows.ts';
import type { ChangeWriter } from './changes.ts';

/** How both sides of a comparison are sorted: by source, then by target. */
export interface RowOrder {
  readonly source: CompareIds;
  readonly target: CompareIds;
}

/**
 * Merges two streams of relations in the same order and writes what turns the old ones into the new ones. Memory: one batch of each.
 *
 * @param order strict on both sides: equal rows follow each other on neither
 */
export async function compareRelations(
  old: AsyncIterable<RelationBatch>,
  next: AsyncIterable<RelationBatch>,
  order: RowOrder,
  changes: ChangeWriter,
): Promise<void> {
  const before = new Cursor(old);
  const after = new Cursor(next);
  try {
    await before.fill();
    await after.fill();
    while (!before.ended || !after.ended) {
      mergeBatches(before, after, order, changes);
      await changes.flush();
      await before.fill();
      await after.fill();
    }
  } finally {
    await before.close();
    await after.close();
  }
}

/** Goes on until one side has no more rows at hand; a side that has ended for good lets the other run out. */
function mergeBatches(before: Cursor, after: Cursor, order: RowOrder, changes: ChangeWriter): void {
  while (before.hasRow && after.hasRow) {
    const { source, target } = before;
    const step = order.source(source, after.source) || order.target(target, after.target);
    if (step < 0) {
      changes.remove(source, target, before.weight);
      before.at++;
    } else if (step > 0) {
      changes.add(after.source, after.target, after.weight);
      after.at++;
    } else {
      if (before.weight === after.weight) {
        changes.keep(source);
      } else {
        changes.change(source, target, before.weight, after.weight);
      }
      before.at++;
      after.at++;
    }
  }
  for (; after.ended && before.hasRow; before.at++) {
    changes.remove(before.source, before.target, before.weight);
  }
  for (; before.ended && after.hasRow; after.at++) {
    changes.add(after.source, after.target, after.weight);
  }
}

/** A place in a stream of batches. */
class Cursor {
  at = 0;
  ended = false;
  readonly #batches: AsyncIterator<RelationBatch>;
  #batch = new RelationBatch();

  constructor(batches: AsyncIterable<RelationBatch>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  get hasRow(): boolean {
    return this.at < this.#batch.length;
  }

  get source(): string {
    return this.#batch.sources[this.at]!;
  }

  get target(): string {
    return this.#batch.targets[this.at]!;
  }

  get weight(): number {
    return this.#batch.weights[this.at]!;
  }

  /** Fetches rows if there are none at hand; then there is one, or the stream has ended. */
  async fill(): Promise<void> {
    while (!this.hasRow && !this.ended) {
      const next = await this.#batches.next();
      this.at = 0;
      this.#batch = next.done ? new RelationBatch() : next.value;
      this.ended = next.done === true;
    }
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
