import { type RelationBatch, TextBatch } from '../tsv/relation-batch.ts';

/** A place in a stream of batches. Memory: one batch. */
export class BatchCursor {
  at = 0;
  ended = false;
  batch: RelationBatch = new TextBatch();
  readonly #batches: AsyncIterator<RelationBatch>;

  constructor(batches: AsyncIterable<RelationBatch>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  get hasRow(): boolean {
    return this.at < this.batch.length;
  }

  /** Fetches rows if there are none at hand; then there is one, or the stream has ended. */
  async fill(): Promise<void> {
    while (!this.hasRow && !this.ended) {
      const next = await this.#batches.next();
      this.at = 0;
      this.batch = next.done ? new TextBatch() : next.value;
      this.ended = next.done === true;
    }
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
