import path from 'node:path';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { IdOrder } from '../relation/id-order.ts';
import { readBytes } from '../storage/input.ts';
import { isRereadable } from '../storage/is-rereadable.ts';
import { readBlocks } from '../storage/read-blocks.ts';
import { storageOf } from '../storage/storage.ts';
import { type MergedBlock, mergeParts } from '../tsv/merge-parts.ts';
import { type CheckedRelations, checkRelations, type RelationsFile } from './check-relations.ts';
import { copyFile, writeContent } from './copy-file.ts';
import { unchanged } from './unchanged.ts';

/** Bytes that are read of a part at once: a cluster may leave hundreds. */
const partBytes = 1 << 18;

/**
 * The relations of all these locations, as one file that can be read again and again. Sorted parts are merged into one, as the reducers of a
 * cluster leave them or `split` does: memory does not grow with them, and a temporary file holds them all.
 *
 * @param locations of one file, or of parts: files, folders, globs
 * @param folder for copies
 * @throws ExpectedFailure `noInput` when there is nothing; of several parts `badData` with file and line when one is no relations file, when two of
 *   them have the same relation, and when they are not all in one order
 */
export async function gatherRelations(
  locations: readonly string[],
  folder: string,
  effects: Effects,
): Promise<RelationsFile> {
  const parts: RelationsFile[] = [];
  for (const location of locations) {
    const storage = await storageOf(location, effects);
    for (const name of await storage.list(location)) {
      let file = name;
      if (!(await isRereadable(name, effects))) {
        // Standard input and pipes can be read once, and the relations are read twice.
        file = path.join(folder, `part-${parts.length}.tsv`);
        await copyFile(name, file, 'Reading', effects);
      }
      parts.push({ location: file, name });
    }
  }
  const [first, second, ...others] = parts;
  if (first === undefined) {
    throw new ExpectedFailure('usage', 'Cannot import: no relations are named', { remedy: 'Name a relations file.' });
  }
  if (second === undefined) {
    return first;
  }
  const location = path.join(folder, 'relations.tsv');
  await mergeInto(location, parts, effects);
  return { location, name: `${first.name} and ${others.length === 0 ? second.name : `${parts.length - 1} others`}` };
}

/** A part that is whole and in order; not the facts about its ids, which are a megabyte. */
type CheckedPart = Pick<CheckedRelations, 'location' | 'name' | 'orders' | 'bytes' | 'sha256'>;

async function mergeInto(merged: string, parts: readonly RelationsFile[], effects: Effects): Promise<void> {
  const checked: CheckedPart[] = [];
  for (const part of parts) {
    const { location, name, orders, bytes, sha256 } = await checkRelations(part, effects);
    checked.push({ location, name, orders, bytes, sha256 });
  }
  const bytes = checked.reduce((sum, part) => sum + part.bytes, 0);
  const read = checked.map((part) => ({ name: part.name, chunks: unchanged(part, chunksOf(part, effects)) }));
  const blocks = mergeParts(read, sharedOrder(checked));
  await writeContent(bytesOf(blocks), merged, 'Merging', effects, bytes);
}

function chunksOf({ location }: RelationsFile, effects: Effects): AsyncIterable<Buffer> {
  return /^s3:|\.gz$/i.test(location) ? readBytes(location, effects) : readBlocks(location, partBytes);
}

/** The order that all parts are in. */
function sharedOrder(parts: readonly CheckedPart[]): IdOrder {
  const notIn = (order: IdOrder): CheckedPart | undefined => parts.find(({ orders }) => !orders.includes(order));
  const byBytes = notIn('integer');
  const byNumber = notIn('text');
  if (byBytes !== undefined && byNumber !== undefined) {
    throw new ExpectedFailure(
      'badData',
      `Cannot merge ${byNumber.name} and ${byBytes.name}: the one is sorted by number, the other by the bytes of the ids`,
      { remedy: 'Sort each part by bytes: LC_ALL=C sort.' },
    );
  }
  return byBytes === undefined ? 'integer' : 'text';
}

async function* bytesOf(blocks: AsyncIterable<MergedBlock>): AsyncGenerator<Buffer> {
  for await (const { bytes } of blocks) {
    yield bytes;
  }
}
