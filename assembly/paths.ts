import { uint32, uint32Shift } from './uint32';

/**
 * So many places of the memory are read before they are used. Where a branch depends on what is read, as the length of a path does, the
 * processor often goes the wrong way and waits for one place after the other; read like this, all are on their way at once.
 */
export const fetchedTogether: usize = 64;
/** Bytes of scratch of a thread. */
export const fetchedBytes: usize = 8 * fetchedTogether;

let pathStarts: usize = 0;
let pathProducts: usize = 0;
let productStarts: usize = 0;
let productPaths: usize = 0;

/** Where the products of some paths begin and end, as addresses. */
export let fetched: usize = 0;
/** What was read beforehand: the module exports it, lest a compiler leaves out the reading of what nobody uses. */
export let unused: u32 = 0;

export function readBeforehand(read: u32): void {
  unused = read;
}

export function useFetched(at: usize): void {
  fetched = at;
}

/** See Graph. */
export function usePaths(
  startsOfPaths: usize,
  productsOfPaths: usize,
  startsOfProducts: usize,
  pathsOfProducts: usize,
): void {
  pathStarts = startsOfPaths;
  pathProducts = productsOfPaths;
  productStarts = startsOfProducts;
  productPaths = pathsOfProducts;
}

/** Where the list of the paths of a source begins, and that of the one before it ends. */
export function pathsOf(source: u32): usize {
  return productPaths + ((<usize>uint32(productStarts, source)) << uint32Shift);
}

/**
 * Looks up where the products of the next paths of a list are, and reads the first and the last one of each.
 *
 * @returns where the addresses end
 */
export function fetchPaths(from: usize, listEnd: usize): usize {
  const end = min(from + (fetchedTogether << uint32Shift), listEnd);
  let to = fetched;
  let read: u32 = 0;
  for (let at = from; at < end; at += 4) {
    const start = pathStarts + ((<usize>load<u32>(at)) << uint32Shift);
    const next = pathProducts + ((<usize>load<u32>(start)) << uint32Shift);
    const last = pathProducts + ((<usize>load<u32>(start, 4)) << uint32Shift);
    store<u32>(to, <u32>next);
    store<u32>(to, <u32>last, 4);
    read += load<u32>(next) + load<u32>(last - 4);
    to += 8;
  }
  readBeforehand(read);
  return to;
}
