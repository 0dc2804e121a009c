/**
 * Sorts views into the two adjacency lists, see `src/engine/local/graph-kernel.ts`, in the memory and the module of the row kernel. Starts are
 * counted two places and filled one place ahead of their own, so that they need no copy and are where they belong in the end.
 */

import { increment, setUint32, uint32, uint32Shift } from './uint32';

/** What `keepDistinct` counted so far. */
export let views: f64 = 0;
export let pairs: f64 = 0;
export let leftOutPaths: u32 = 0;
export let leftOutPairs: f64 = 0;

/** Counts the views of each path; `chunk` holds `length` numbers, path and product alternately. */
export function countViews(chunk: usize, length: u32, pathStarts: usize): void {
  const end = chunk + ((<usize>length) << uint32Shift);
  for (let view = chunk; view < end; view += 8) {
    increment(pathStarts, load<u32>(view) + 2);
  }
}

/** Turns counts into starts. */
export function addUpStarts(starts: usize, length: u32): void {
  const end = starts + ((<usize>length) << uint32Shift);
  let sum: u32 = 0;
  for (let at = starts; at < end; at += 4) {
    sum += load<u32>(at);
    store<u32>(at, sum);
  }
}

/** Puts the products of views, by their ranks, into the rows of their paths. */
export function fillRows(chunk: usize, length: u32, pathStarts: usize, rankOf: usize, rows: usize): void {
  const end = chunk + ((<usize>length) << uint32Shift);
  for (let view = chunk; view < end; view += 8) {
    const place = (<usize>increment(pathStarts, load<u32>(view) + 1)) << uint32Shift;
    store<u32>(rows + place, uint32(rankOf, load<u32>(view, 4)));
  }
}

/**
 * Moves the distinct products of the paths `[from, to)` to the front of the rows, and their starts with them; paths that are too long become
 * empty. To be called for all paths in their order.
 *
 * @param kept where the products end that the paths before them kept
 * @param seenIn of each product the last path, plus one, that it was seen in; all zero at first
 * @returns where those end that these keep
 */
export function keepDistinct(
  from: u32,
  to: u32,
  kept: usize,
  pathStarts: usize,
  rows: usize,
  seenIn: usize,
  maxPathProducts: u32,
): usize {
  let allViews: u64 = 0;
  let allPairs: u64 = 0;
  let lostPairs: u64 = 0;
  let next = rows + ((<usize>uint32(pathStarts, from)) << uint32Shift);
  for (let path = from; path < to; path++) {
    const end = rows + ((<usize>uint32(pathStarts, path + 1)) << uint32Shift);
    const start = kept;
    setUint32(pathStarts, path, <u32>((start - rows) >> uint32Shift));
    for (; next < end; next += 4) {
      const product = load<u32>(next);
      const isNew = uint32(seenIn, product) !== path + 1;
      setUint32(seenIn, product, path + 1);
      store<u32>(kept, product);
      kept += isNew ? 4 : 0;
    }
    const length = <u64>((kept - start) >> uint32Shift);
    allViews += length;
    if (length > <u64>maxPathProducts) {
      leftOutPaths++;
      lostPairs += length * (length - 1);
      kept = start;
    } else {
      allPairs += length === 0 ? 0 : length * (length - 1);
    }
  }
  views += <f64>allViews;
  pairs += <f64>allPairs;
  leftOutPairs += <f64>lostPairs;
  return kept;
}

/** Counts the paths of each product, of so many views. */
export function countPaths(pathProducts: usize, length: u32, productStarts: usize): void {
  const end = pathProducts + ((<usize>length) << uint32Shift);
  for (let at = pathProducts; at < end; at += 4) {
    increment(productStarts, load<u32>(at) + 2);
  }
}

/** Puts the paths `[from, to)` into the lists of their products. To be called for all paths in their order, so that the lists are ascending. */
export function listPaths(
  from: u32,
  to: u32,
  pathStarts: usize,
  pathProducts: usize,
  productStarts: usize,
  productPaths: usize,
): void {
  let at = pathProducts + ((<usize>uint32(pathStarts, from)) << uint32Shift);
  for (let path = from; path < to; path++) {
    const end = pathProducts + ((<usize>uint32(pathStarts, path + 1)) << uint32Shift);
    for (; at < end; at += 4) {
      const place = (<usize>increment(productStarts, load<u32>(at) + 1)) << uint32Shift;
      store<u32>(productPaths + place, path);
    }
  }
}
