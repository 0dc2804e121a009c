/**
 * Rows of few additions over many products, some thousand rows at a time: all their targets are written one behind the other, sorted by radix,
 * and counted (expand, sort, compress: Dalton, Olson and Bell, Optimizing Sparse Matrix-Matrix Multiplication for the GPU, 2015). That stays in
 * the cache of a core, where a sum for each of all products does not: 16 ns an addition instead of 31 (`wide`, 2 M views, 818,000 products).
 */
import { fetched, fetchPaths, pathsOf } from './paths';
import { addUpCounts, increment, uint32, uint32Shift } from './uint32';

/** What is sorted at once: 16,384 to 131,072 take the same time. */
const mostTargets: u32 = 1 << 15;
const mostRows: u32 = 1 << 11;
/** A product's number is sorted by its lower half, then by the upper one: tables of at most so many bits, of 16 KiB. */
const mostHalfBits: u32 = 12;

/** Bytes of scratch of a thread. */
export const shortRowsBytes: usize =
  2 * ((<usize>mostTargets) << uint32Shift) +
  2 * ((<usize>1) << (mostHalfBits + 2)) +
  ((<usize>mostRows) << uint32Shift);

let productBits: u32 = 0;
let halfBits: u32 = 0;
/** Targets with the number of their row above them, in some order, and in the next one. */
let targets: usize = 0;
let sorted: usize = 0;
let lowerCounts: usize = 0;
let upperCounts: usize = 0;
/** Where each row starts in `sorted`, and once it is sorted where it ends. */
let rowEnds: usize = 0;

/** The sources of the rows that are there: `[first, behind)`. */
let first: u32 = 0;
let behind: u32 = 0;

export function useShortRows(products: u32, at: usize): void {
  productBits = 32 - clz(products);
  halfBits = (productBits + 1) >> 1;
  targets = at;
  sorted = targets + ((<usize>mostTargets) << uint32Shift);
  lowerCounts = sorted + ((<usize>mostTargets) << uint32Shift);
  upperCounts = lowerCounts + ((<usize>1) << (mostHalfBits + 2));
  rowEnds = upperCounts + ((<usize>1) << (mostHalfBits + 2));
}

/** The graph is another one. */
export function forgetShortRows(): void {
  first = 0;
  behind = 0;
}

/**
 * Whether the row of a source is a short one; if so, it is there then.
 *
 * @param end the sources before it are wanted next
 */
export function isShortRow(source: u32, end: u32): bool {
  if (source < first || source >= behind) {
    first = source;
    behind = halfBits > mostHalfBits ? source : sortRows(source, end);
  }
  return source < behind;
}

/**
 * Takes the row of a source, without the source itself.
 *
 * @returns its length
 */
export function takeShortRow(source: u32, targetsTo: usize, weightsTo: usize): u32 {
  const row = source - first;
  const end = sorted + ((<usize>uint32(rowEnds, row)) << uint32Shift);
  let at = row === 0 ? sorted : sorted + ((<usize>uint32(rowEnds, row - 1)) << uint32Shift);
  let to: usize = 0;
  while (at < end) {
    const key = load<u32>(at);
    const from = at;
    do {
      at += 4;
    } while (at < end && load<u32>(at) === key);
    const target = productOf(key);
    store<u32>(targetsTo + to, target);
    store<u32>(weightsTo + to, <u32>((at - from) >> uint32Shift));
    to += target === source ? 0 : 4;
  }
  return <u32>(to >> uint32Shift);
}

/** Sorts the rows from a source on, as many as there is room for. @returns the source behind them */
function sortRows(from: u32, wantedEnd: u32): u32 {
  const end = min(wantedEnd, from + min(mostRows, (<u32>1) << (32 - productBits)));
  const room = targets + ((<usize>mostTargets) << uint32Shift);
  let to = targets;
  let source = from;
  for (; source < end; source++) {
    const next = expand(source, (source - from) << productBits, to, room);
    if (next === 0) {
      break;
    }
    store<u32>(rowEnds + ((<usize>(source - from)) << uint32Shift), <u32>((next - to) >> uint32Shift));
    to = next;
  }
  const counts = (<usize>1) << (halfBits + 2);
  memory.fill(lowerCounts, 0, counts);
  memory.fill(upperCounts, 0, counts);
  for (let at = targets; at < to; at += 4) {
    const key = load<u32>(at);
    increment(lowerCounts, lowerOf(key));
    increment(upperCounts, upperOf(key));
  }
  addUpCounts(lowerCounts, (<u32>1) << halfBits);
  addUpCounts(upperCounts, (<u32>1) << halfBits);
  addUpCounts(rowEnds, source - from);
  for (let at = targets; at < to; at += 4) {
    const key = load<u32>(at);
    store<u32>(sorted + ((<usize>increment(lowerCounts, lowerOf(key))) << uint32Shift), key);
  }
  const sortedEnd = sorted + (to - targets);
  for (let at = sorted; at < sortedEnd; at += 4) {
    const key = load<u32>(at);
    store<u32>(targets + ((<usize>increment(upperCounts, upperOf(key))) << uint32Shift), key);
  }
  for (let at = targets; at < to; at += 4) {
    const key = load<u32>(at);
    store<u32>(sorted + ((<usize>increment(rowEnds, key >> productBits)) << uint32Shift), key);
  }
  return source;
}

/**
 * Writes the products of all paths of a source.
 *
 * @param row its number, above the bits of the products
 * @returns where they end; 0 when there is no room for them
 */
function expand(source: u32, row: u32, start: usize, room: usize): usize {
  const end = pathsOf(source + 1);
  let to = start;
  for (let at = pathsOf(source); at < end; ) {
    const fetchedEnd = fetchPaths(at, end);
    at += (fetchedEnd - fetched) >> 1;
    for (let path = fetched; path < fetchedEnd; path += 8) {
      const last = <usize>load<u32>(path, 4);
      let next = <usize>load<u32>(path);
      if (to + (last - next) > room) {
        return 0;
      }
      for (; next < last; next += 4) {
        store<u32>(to, row | load<u32>(next));
        to += 4;
      }
    }
  }
  return to;
}

function productOf(key: u32): u32 {
  return key & (((<u32>1) << productBits) - 1);
}

function lowerOf(key: u32): u32 {
  return key & (((<u32>1) << halfBits) - 1);
}

function upperOf(key: u32): u32 {
  return productOf(key) >> halfBits;
}
