import { ByteWriter } from '../tsv/byte-writer.ts';
import { type RelationBatch, TextBatch } from '../tsv/relation-batch.ts';
import type { RowOrder } from './compare.ts';

/**
 * The rows in another order, which happens once, when the first id that is no integer appears or the last one goes. Memory: all rows, some
 * 150 bytes each.
 */
export async function* sortedRows(
  batches: AsyncIterable<RelationBatch>,
  order: RowOrder,
): AsyncGenerator<RelationBatch> {
  const all = new TextBatch();
  const ids = new ByteWriter(1 << 16);
  for await (const part of batches) {
    const batch = part.asText();
    for (let at = 0; at < batch.length; at++) {
      const start = ids.length;
      ids.copy(batch.bytes, batch.sourceStarts[at]!, batch.sourceEnds[at]!);
      const middle = ids.length;
      ids.copy(batch.bytes, batch.targetStarts[at]!, batch.targetEnds[at]!);
      all.push(start, middle, middle, ids.length, batch.weights[at]!);
    }
  }
  all.bytes = ids.bytes;
  const places = Array.from({ length: all.length }, (_, at) => at).sort((a, b) => compareRows(all, a, b, order));
  const rows = new TextBatch();
  rows.bytes = all.bytes;
  for (const at of places) {
    rows.push(all.sourceStarts[at]!, all.sourceEnds[at]!, all.targetStarts[at]!, all.targetEnds[at]!, all.weights[at]!);
  }
  yield rows;
}

function compareRows(batch: TextBatch, a: number, b: number, order: RowOrder): number {
  const { bytes, sourceStarts, sourceEnds, targetStarts, targetEnds } = batch;
  return (
    order.source(bytes, sourceStarts[a]!, sourceEnds[a]!, bytes, sourceStarts[b]!, sourceEnds[b]!) ||
    order.target(bytes, targetStarts[a]!, targetEnds[a]!, bytes, targetStarts[b]!, targetEnds[b]!)
  );
}
