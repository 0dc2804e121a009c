import type { IdComparison, IdOrder } from '../relation/id-order.ts';
import { NumberBatch, type RelationBatch } from '../tsv/relation-batch.ts';
import { BatchCursor } from './batch-cursor.ts';
import type { ChangeWriter } from './changes.ts';

/** How both sides of a comparison are sorted: by source, then by target. */
export interface RowOrder {
  /** `undefined` when there is nothing to compare with. */
  readonly ids: IdOrder | undefined;
  readonly source: IdComparison;
  readonly target: IdComparison;
}

/** Negative, zero or positive as row `oldAt` of the old batch sorts before, with or behind row `nextAt` of the new one. */
type CompareRows = (oldAt: number, nextAt: number) => number;

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
  const before = new BatchCursor(old);
  const after = new BatchCursor(next);
  try {
    // Both at once: the server sorts or reads ahead while the file is opened.
    await Promise.all([before.fill(), after.fill()]);
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
function mergeBatches(before: BatchCursor, after: BatchCursor, order: RowOrder, changes: ChangeWriter): void {
  if (before.hasRow && after.hasRow) {
    const [compareSources, compareTargets] = comparing(before.batch, after.batch, order);
    do {
      const step = compareSources(before.at, after.at);
      if (step < 0) {
        removeList(before, changes);
      } else if (step > 0) {
        addList(after, changes);
      } else {
        mergeLists(before, after, compareTargets, changes);
      }
    } while (before.hasRow && after.hasRow);
  }
  while (after.ended && before.hasRow) {
    removeList(before, changes);
  }
  while (before.ended && after.hasRow) {
    addList(after, changes);
  }
}

/** How the rows of two batches compare, by their sources and by their targets. */
function comparing(
  old: RelationBatch,
  next: RelationBatch,
  order: RowOrder,
): readonly [sources: CompareRows, targets: CompareRows] {
  if (order.ids === 'integer' && old instanceof NumberBatch && next instanceof NumberBatch) {
    return [
      (oldAt, nextAt) => old.sources[oldAt]! - next.sources[nextAt]!,
      (oldAt, nextAt) => old.targets[oldAt]! - next.targets[nextAt]!,
    ];
  }
  const [a, b] = [old.asText(), next.asText()];
  return [
    (oldAt, nextAt) =>
      order.source(
        a.bytes,
        a.sourceStarts[oldAt]!,
        a.sourceEnds[oldAt]!,
        b.bytes,
        b.sourceStarts[nextAt]!,
        b.sourceEnds[nextAt]!,
      ),
    (oldAt, nextAt) =>
      order.target(
        a.bytes,
        a.targetStarts[oldAt]!,
        a.targetEnds[oldAt]!,
        b.bytes,
        b.targetStarts[nextAt]!,
        b.targetEnds[nextAt]!,
      ),
  ];
}

/** The rows at hand of one source, until one side has no more of them; what the other has left comes next. */
function mergeLists(before: BatchCursor, after: BatchCursor, compare: CompareRows, changes: ChangeWriter): void {
  const { batch: old } = before;
  const { batch: next } = after;
  const oldEnd = old.listEnd(before.at);
  const nextEnd = next.listEnd(after.at);
  let oldAt = before.at;
  let nextAt = after.at;
  changes.list(old, oldAt, true, true);
  while (oldAt < oldEnd && nextAt < nextEnd) {
    const step = compare(oldAt, nextAt);
    if (step < 0) {
      changes.remove(old, oldAt++);
    } else if (step > 0) {
      changes.add(next, nextAt++);
    } else {
      changes.keep(old.weights[oldAt++]!, next, nextAt++);
    }
  }
  before.at = oldAt;
  after.at = nextAt;
}

function removeList(before: BatchCursor, changes: ChangeWriter): void {
  const { batch } = before;
  changes.list(batch, before.at, true, false);
  for (const end = batch.listEnd(before.at); before.at < end; before.at++) {
    changes.remove(batch, before.at);
  }
}

function addList(after: BatchCursor, changes: ChangeWriter): void {
  const { batch } = after;
  changes.list(batch, after.at, false, true);
  for (const end = batch.listEnd(after.at); after.at < end; after.at++) {
    changes.add(batch, after.at);
  }
}
