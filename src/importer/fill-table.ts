import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { parseRelations } from '../tsv/relation-rows.ts';
import { applyChanges } from './apply-changes.ts';
import { writeChange } from './changes.ts';
import type { CheckedRelations } from './check-relations.ts';
import type { RelationColumns } from './create-tables.ts';
import type { ImportTableOptions } from './import-table.ts';
import { allowsLoading, loadRelations } from './load-relations.ts';
import { pacer } from './pace.ts';
import { unchanged } from './unchanged.ts';
import type { Writer } from './writers.ts';

/** Larger transactions were no faster and keep their locks and their undo log for longer. */
const defaultBatchRows = 5_000;

export type WriteOptions = Pick<ImportTableOptions, 'batchRows' | 'maxRowsPerSecond'>;

/**
 * Puts all relations of a file into an empty table: in one transaction of LOAD DATA where the server allows it and no pace is asked for, else
 * in many of INSERT.
 *
 * @param record called inside the first transaction, and inside the last one, which may be the same
 * @throws the error of the server; ExpectedFailure `badData` when it does not take a row as it is, and when the file changed since it was checked
 */
export async function fillTable(
  writers: readonly [Writer, ...Writer[]],
  table: string,
  columns: RelationColumns,
  relations: CheckedRelations,
  record: (writer: Writer, state: 'publishing' | 'published') => Promise<void>,
  options: WriteOptions,
  effects: Effects,
): Promise<void> {
  // A backslash without an escape stands for itself, as escapes.ts has it; LOAD DATA would leave it out.
  const plain = !relations.ids.characters.includes('\\');
  if (plain && options.maxRowsPerSecond === undefined && (await allowsLoading(writers[0], table, columns))) {
    await loadRelations(writers, table, columns, relations, record, effects);
    return;
  }
  const additions = { read: () => additionsOf(relations, effects), total: relations.relations, collated: false };
  await applyChanges(writers, table, columns, additions, { ...paceOf(options, effects), record }, effects);
}

/** How many rows a transaction takes, and the waiting between two. */
export function paceOf(
  { batchRows, maxRowsPerSecond }: WriteOptions,
  effects: Effects,
): { readonly batchRows: number; readonly pace: (rows: number) => Promise<void> } {
  return {
    batchRows: Math.min(batchRows ?? defaultBatchRows, maxRowsPerSecond ?? Number.POSITIVE_INFINITY),
    pace: pacer(maxRowsPerSecond, effects),
  };
}

/** The relations of a file as the lines of changes of an empty table. */
async function* additionsOf(relations: CheckedRelations, effects: Effects): AsyncGenerator<Uint8Array> {
  const content = unchanged(relations, readBytes(relations.location, effects));
  for await (const batch of parseRelations(relations.name, content)) {
    const lines = new ByteWriter(1 << 16);
    for (let at = 0; at < batch.length; at++) {
      writeChange(lines, '+', batch, at, undefined, batch.weights[at]);
    }
    yield lines.bytes.subarray(0, lines.length);
  }
}
