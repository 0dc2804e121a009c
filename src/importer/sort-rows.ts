import path from 'node:path';
import type { Effects } from '../effects.ts';
import { compareBytes } from '../relation/id-order.ts';
import { Output } from '../storage/output.ts';
import { readBlocks } from '../storage/read-blocks.ts';
import { withTemporaryFolder } from '../storage/temporary-folder.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { type RelationBatch, TextBatch } from '../tsv/relation-batch.ts';
import { parseRelations } from '../tsv/relation-rows.ts';
import { withProgress } from '../with-progress.ts';
import { BatchCursor } from './batch-cursor.ts';
import type { RowOrder } from './compare.ts';

/** Bytes of each file that are written or read at once, and rows that are handed on at once. */
const blockBytes = 1 << 16;
const batchRows = 8192;

/**
 * Does some work with rows in the other order of ids than they come in, which happens once: when the first id that is no integer appears, or the
 * last one goes.
 *
 * Ids of as many bytes stand alike in both orders. So the lists are dealt to one temporary file for each length of their sources, of which
 * there are some ten, and these are merged. Memory: the longest list, and 300 KB for each file; all of them together are as large as the relations.
 *
 * @param batches sorted in the one order
 * @param expected tells how many rows they have, as far as that is known
 * @param order the other one
 */
export async function withSortedRows<T>(
  batches: AsyncIterable<RelationBatch>,
  expected: () => number | undefined,
  order: RowOrder,
  effects: Effects,
  work: (rows: AsyncIterable<RelationBatch>) => Promise<T>,
): Promise<T> {
  return await withTemporaryFolder(async (folder) => {
    const told = withProgress(batches, 'Sorting', 'relations', effects, expected);
    const files = await deal(told, order, folder, effects);
    const rows = files.map((file) => parseRelations(file, readBlocks(file, blockBytes), false));
    return await work(merged(rows, order));
  });
}

/** Writes each list, its targets in order, to the file of its length. @returns the files */
async function deal(
  batches: AsyncIterable<RelationBatch>,
  order: RowOrder,
  folder: string,
  effects: Effects,
): Promise<string[]> {
  const files = new Map<number, ListFile>();
  const write = async (list: CollectedRows): Promise<void> => {
    const length = list.sourceEnds[0]! - list.sourceStarts[0]!;
    let file = files.get(length);
    if (file === undefined) {
      file = new ListFile(await Output.create(path.join(folder, `${length}.tsv`), effects));
      files.set(length, file);
    }
    await file.write(list, order);
    list.clear();
  };
  const list = new CollectedRows();
  try {
    for await (const part of batches) {
      const batch = part.asText();
      for (let from = 0, end = 0; from < batch.length; from = end) {
        end = batch.listEnd(from);
        // A list may go on from the batch before.
        if (list.length > 0 && !list.hasSource(batch, from)) {
          await write(list);
        }
        list.add(batch, from, end);
      }
    }
    if (list.length > 0) {
      await write(list);
    }
    for (const file of files.values()) {
      await file.end();
    }
  } catch (error) {
    for (const { output } of files.values()) {
      await output.abort();
    }
    throw error;
  }
  return [...files.values()].map(({ output }) => output.location);
}

/** A file of lists. */
class ListFile {
  readonly output: Output;
  readonly #text = new ByteWriter(blockBytes);
  #lines = 0;

  constructor(output: Output) {
    this.output = output;
  }

  async write(list: TextBatch, order: RowOrder): Promise<void> {
    const { bytes, targetStarts, targetEnds } = list;
    const places = Uint32Array.from({ length: list.length }, (_, at) => at).sort((a, b) =>
      order.target(bytes, targetStarts[a]!, targetEnds[a]!, bytes, targetStarts[b]!, targetEnds[b]!),
    );
    const text = this.#text;
    for (const at of places) {
      list.writeLine(text, at);
    }
    this.#lines += list.length;
    if (text.length >= blockBytes) {
      await this.#flush();
    }
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.output.commit();
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    await this.output.write(text.bytes.slice(0, text.length), this.#lines);
    text.length = 0;
    this.#lines = 0;
  }
}

/** Merges files that are in order; a list is in one of them. */
async function* merged(files: readonly AsyncIterable<RelationBatch>[], order: RowOrder): AsyncGenerator<RelationBatch> {
  const cursors = files.map((rows) => new BatchCursor(rows));
  try {
    await Promise.all(cursors.map((cursor) => cursor.fill()));
    let rows = new CollectedRows();
    for (let first = lowest(cursors, order); first !== undefined; first = lowest(cursors, order)) {
      const batch = first.batch.asText();
      const end = batch.listEnd(first.at);
      rows.add(batch, first.at, end);
      first.at = end;
      await first.fill();
      if (rows.length >= batchRows) {
        yield rows;
        rows = new CollectedRows();
      }
    }
    yield rows;
  } finally {
    for (const cursor of cursors) {
      await cursor.close();
    }
  }
}

/** The one with the first source; `undefined` once all have ended. */
function lowest(cursors: readonly BatchCursor[], order: RowOrder): BatchCursor | undefined {
  let first: BatchCursor | undefined;
  for (const cursor of cursors) {
    if (cursor.hasRow && (first === undefined || compareSources(cursor, first, order) < 0)) {
      first = cursor;
    }
  }
  return first;
}

function compareSources(a: BatchCursor, b: BatchCursor, order: RowOrder): number {
  const [one, other] = [a.batch.asText(), b.batch.asText()];
  return order.source(
    one.bytes,
    one.sourceStarts[a.at]!,
    one.sourceEnds[a.at]!,
    other.bytes,
    other.sourceStarts[b.at]!,
    other.sourceEnds[b.at]!,
  );
}

/** Rows that were copied from other batches. */
class CollectedRows extends TextBatch {
  readonly #ids = new ByteWriter(1 << 16);

  /** Whether the last row has the source of row `at` of another batch. */
  hasSource({ bytes, sourceStarts, sourceEnds }: TextBatch, at: number): boolean {
    const [start, end] = [this.sourceStarts[this.length - 1]!, this.sourceEnds[this.length - 1]!];
    return compareBytes(this.bytes, start, end, bytes, sourceStarts[at]!, sourceEnds[at]!) === 0;
  }

  /** Adds the rows `[from, end)` of a list. */
  add(batch: TextBatch, from: number, end: number): void {
    const { bytes, sourceStarts, sourceEnds, targetStarts, targetEnds, weights } = batch;
    const ids = this.#ids;
    const sourceStart = ids.length;
    ids.copy(bytes, sourceStarts[from]!, sourceEnds[from]!);
    const sourceEnd = ids.length;
    for (let at = from; at < end; at++) {
      const targetStart = ids.length;
      ids.copy(bytes, targetStarts[at]!, targetEnds[at]!);
      this.push(sourceStart, sourceEnd, targetStart, ids.length, weights[at]!);
    }
    this.bytes = ids.bytes;
  }

  clear(): void {
    this.length = 0;
    this.#ids.length = 0;
  }
}
