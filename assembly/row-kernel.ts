/**
 * The inner loops of relating, in AssemblyScript (TypeScript with the types of WebAssembly; https://www.assemblyscript.org): half a nanosecond
 * an addition, where JavaScript takes 1.5 to 2, and no warming up in every thread. `src/engine/local/row-kernel.ts` is its other half.
 *
 * All data is in one memory that threads share; each thread has an instance, hence globals, of its own, and scratch that nobody else touches.
 * Addresses and lengths are those that the other half allocated: nothing is checked here.
 */

import { digitsBytes, useDigits } from './lines';
import { fetched, fetchedBytes, fetchPaths, pathsOf, readBeforehand, useFetched, usePaths } from './paths';
import { padded, targets, useRow, weights } from './row';
import { forgetShortRows, isShortRow, shortRowsBytes, takeShortRow, useShortRows } from './short-rows';
import { uint32, uint32Shift } from './uint32';

export { addUp, higher, higherMixed, lower, lowerMixed, weight } from './identities';
export { lines, useIds } from './lines';
export { unused } from './paths';
export { targetsAt, weightsAt } from './row';

/** Sums of more products are more than the cache of a core holds: short rows are sorted then, for others sums are read beforehand. */
const cachedSums: u32 = 1 << 18;

let products: u32 = 0;

/** The row that is being accumulated: a sum a product, and a bitmap of three levels of the products that were touched. */
let sums: usize = 0;
let words: usize = 0;
let groups: usize = 0;
let summary: usize = 0;
let summaryEnd: usize = 0;

/** Bytes of scratch of a thread. Beside the words of a row each part is padded to 16 bytes, so that it is read four numbers at a time. */
export function scratchBytes(products: u32): usize {
  return (
    3 * padded(products) +
    padded(bits(products, 5)) +
    padded(bits(products, 10)) +
    padded(bits(products, 15)) +
    digitsBytes +
    fetchedBytes +
    shortRowsBytes
  );
}

/** Must be called first, with scratch that is all zero. */
export function useScratch(ofProducts: u32, at: usize): void {
  products = ofProducts;
  sums = at;
  words = useRow(products, sums + padded(products));
  groups = words + padded(bits(products, 5));
  summary = groups + padded(bits(products, 10));
  summaryEnd = summary + padded(bits(products, 15));
  useDigits(summaryEnd);
  useFetched(summaryEnd + digitsBytes);
  useShortRows(products, fetched + fetchedBytes);
}

/** See Graph. */
export function useGraph(pathStarts: usize, pathProducts: usize, productStarts: usize, productPaths: usize): void {
  usePaths(pathStarts, pathProducts, productStarts, productPaths);
  forgetShortRows();
}

/**
 * Accumulates the row of one source, as targets and weights in ascending order of the targets, without the source itself.
 *
 * Once the work comes to a quarter of the products, touched ones are not noted any more: they are found by looking at all sums, which costs
 * less then. Four additions with one question whether one of their targets is new are faster than a question each; touching again is harmless.
 *
 * @param nextEnd the sources before it are wanted next
 * @returns its length
 */
export function relate(source: u32, nextEnd: u32): u32 {
  if (products > cachedSums && isShortRow(source, nextEnd)) {
    return takeShortRow(source, targets, weights);
  }
  const end = pathsOf(source + 1);
  let at = pathsOf(source);
  let workLeft = <i32>(products >> 2);
  let path = fetched;
  let fetchedEnd = fetched;
  while (at < end && workLeft > 0) {
    fetchedEnd = fetchPaths(at, end);
    at += (fetchedEnd - fetched) >> 1;
    if (products > cachedSums) {
      fetchSums(fetchedEnd);
    }
    for (path = fetched; path < fetchedEnd && workLeft > 0; path += 8) {
      let next = <usize>load<u32>(path);
      const last = <usize>load<u32>(path, 4);
      workLeft -= <i32>((last - next) >> uint32Shift);
      for (; next + 12 < last; next += 16) {
        const a = load<u32>(next);
        const b = load<u32>(next, 4);
        const c = load<u32>(next, 8);
        const d = load<u32>(next, 12);
        const sumA = addOne(a);
        const sumB = addOne(b);
        const sumC = addOne(c);
        const sumD = addOne(d);
        if (sumA === 0 || sumB === 0 || sumC === 0 || sumD === 0) {
          touch(a);
          touch(b);
          touch(c);
          touch(d);
        }
      }
      for (; next < last; next += 4) {
        const a = load<u32>(next);
        if (addOne(a) === 0) {
          touch(a);
        }
      }
    }
  }
  if (at === end && path === fetchedEnd) {
    return drainTouched(source);
  }
  while (true) {
    for (; path < fetchedEnd; path += 8) {
      let next = <usize>load<u32>(path);
      const last = <usize>load<u32>(path, 4);
      for (; next + 12 < last; next += 16) {
        addOne(load<u32>(next));
        addOne(load<u32>(next, 4));
        addOne(load<u32>(next, 8));
        addOne(load<u32>(next, 12));
      }
      for (; next < last; next += 4) {
        addOne(load<u32>(next));
      }
    }
    if (at === end) {
      return drainAll(source);
    }
    fetchedEnd = fetchPaths(at, end);
    at += (fetchedEnd - fetched) >> 1;
    path = fetched;
  }
}

/** Reads the sums of the products of the paths that were fetched. */
function fetchSums(fetchedEnd: usize): void {
  let read: u32 = 0;
  for (let path = fetched; path < fetchedEnd; path += 8) {
    const last = <usize>load<u32>(path, 4);
    for (let next = <usize>load<u32>(path); next < last; next += 4) {
      read += uint32(sums, load<u32>(next));
    }
  }
  readBeforehand(read);
}

function addOne(target: u32): u32 {
  const at = sums + ((<usize>target) << uint32Shift);
  const sum = load<u32>(at);
  store<u32>(at, sum + 1);
  return sum;
}

function touch(target: u32): void {
  setBit(words, target);
  setBit(groups, target >> 5);
  setBit(summary, target >> 10);
}

function drainTouched(source: u32): u32 {
  let target = targets;
  let weight = weights;
  for (let top = summary; top < summaryEnd; top += 4) {
    const base = (<u32>((top - summary) >> uint32Shift)) << 5;
    for (let topBits = takeWord(top); topBits !== 0; topBits &= topBits - 1) {
      const group = base | ctz(topBits);
      for (
        let groupBits = takeWord(groups + ((<usize>group) << uint32Shift));
        groupBits !== 0;
        groupBits &= groupBits - 1
      ) {
        const word = (group << 5) | ctz(groupBits);
        for (
          let wordBits = takeWord(words + ((<usize>word) << uint32Shift));
          wordBits !== 0;
          wordBits &= wordBits - 1
        ) {
          const product = (word << 5) | ctz(wordBits);
          store<u32>(target, product);
          store<u32>(weight, takeWord(sums + ((<usize>product) << uint32Shift)));
          const step: usize = product === source ? 0 : 4;
          target += step;
          weight += step;
        }
      }
    }
  }
  return <u32>((target - targets) >> uint32Shift);
}

function drainAll(source: u32): u32 {
  memory.fill(words, 0, summaryEnd - words);
  // The source itself is not a target.
  store<u32>(sums + ((<usize>source) << uint32Shift), 0);
  let target = targets;
  let weight = weights;
  for (let product: u32 = 0; product < products; product += 4) {
    const at = sums + ((<usize>product) << uint32Shift);
    const four = v128.load(at);
    if (v128.any_true(four)) {
      v128.store(at, i32x4.splat(0));
      for (let lane: u32 = 0; lane < 4; lane++) {
        const sum =
          lane === 0
            ? i32x4.extract_lane(four, 0)
            : lane === 1
              ? i32x4.extract_lane(four, 1)
              : lane === 2
                ? i32x4.extract_lane(four, 2)
                : i32x4.extract_lane(four, 3);
        store<u32>(target, product + lane);
        store<u32>(weight, sum);
        const step: usize = sum === 0 ? 0 : 4;
        target += step;
        weight += step;
      }
    }
  }
  return <u32>((target - targets) >> uint32Shift);
}

function takeWord(at: usize): u32 {
  const word = load<u32>(at);
  store<u32>(at, 0);
  return word;
}

function setBit(bitmap: usize, bit: u32): void {
  const at = bitmap + ((<usize>(bit >> 5)) << uint32Shift);
  store<u32>(at, load<u32>(at) | (1 << (bit & 31)));
}

/** Words of a bitmap with one bit for each `2^shift / 32` products. */
function bits(products: u32, shift: u32): u32 {
  return (products >> shift) + 1;
}
