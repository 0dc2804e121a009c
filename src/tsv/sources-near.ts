import { compareBytes, compareIntegers } from '../relation/id-order.ts';
import type { SeekableObject } from '../storage/storage.ts';
import { compareIds, ordersOf, probeBytes, searchSource, sourceOf } from './find-list.ts';
import { sourcesIn } from './find-packed-list.ts';
import { isIntegerId } from './relation-order.ts';

/** Places that are looked at, in equal distances, beside the end. */
const places = 64;
/** Read around where the source would be. */
const aroundBytes = 256 << 10;

const lineFeed = 0x0a;

/**
 * Sources of a relations file that is not packed, near one that `findList` did not find: some of all parts of the file, and those around the
 * place where it would be. About a megabyte is read, whatever the file's size.
 *
 * @returns `undefined` when these are no sorted relations: then only the whole file tells whether the source is there
 */
export async function sourcesNear(file: SeekableObject, source: string): Promise<Set<string> | undefined> {
  const lines = await sampleLines(file);
  if (!lines.every((line) => /^[^\t]+\t[^\t]+\t\d+$/.test(line.toString('latin1')))) {
    return undefined;
  }
  const sampled = lines.flatMap((line) => sourceOf(line) ?? []);
  const areIntegers = sampled.every((id) => isIntegerId(id.toString()));
  const orders = [...(areIntegers ? [compareIntegers] : []), compareBytes].filter((compare) =>
    sampled.every((id, at) => at === 0 || compareIds(sampled[at - 1]!, id, compare) <= 0),
  );
  if (orders.length === 0) {
    return undefined;
  }
  const near = new Set(sampled.map(String));
  for (const compare of ordersOf(source).filter((compare) => orders.includes(compare))) {
    const at = await searchSource(file, Buffer.from(source), compare);
    if (at !== undefined) {
      const from = Math.max(0, at - aroundBytes / 2);
      for (const other of sourcesIn(linesFrom(await file.read(from, from + aroundBytes), from))) {
        near.add(other);
      }
    }
  }
  return near;
}

/** Lines in the order of the file, the first and the last among them. */
async function sampleLines(file: SeekableObject): Promise<Buffer[]> {
  const starts = Array.from({ length: places }, (_, at) => Math.floor((at * file.size) / places));
  const parts = await Promise.all(starts.map((start) => file.read(start, start + probeBytes)));
  const end = await file.read(file.size - probeBytes, file.size);
  return [
    ...parts.map((bytes, at) => linesFrom(bytes, starts[at]!)),
    // Before the line end that ends the file, if there is one.
    end.subarray(end.lastIndexOf(lineFeed, -2) + 1),
  ]
    .filter((bytes) => bytes.length > 0)
    .map((bytes) => bytes.subarray(0, bytes.includes(lineFeed) ? bytes.indexOf(lineFeed) : bytes.length));
}

/** Bytes that were read from a place of the file, from the first line that begins there. */
function linesFrom(bytes: Buffer, place: number): Buffer {
  return place === 0 ? bytes : bytes.subarray(bytes.indexOf(lineFeed) + 1);
}
