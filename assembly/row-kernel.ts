/**
 * The inner loops of relating, in AssemblyScript (TypeScript with the types of WebAssembly; https://www.assemblyscript.org): half a nanosecond
 * an addition, where JavaScript takes 1.5 to 2, and no warming up in every thread. `src/engine/local/row-kernel.ts` is its other half.
 *
 * All data is in one memory that threads share; each thread has an instance, hence globals, of its own, and scratch that nobody else touches.
 * Addresses and lengths are those that the other half allocated: nothing is checked here.
 */

import {
  fetched,
  fetchedBytes,
  fetchedTogether,
  fetchPaths,
  pathsOf,
  readBeforehand,
  useFetched,
  usePaths,
} from './paths';
import { forgetShortRows, isShortRow, shortRowsBytes, takeShortRow, useShortRows } from './short-rows';
import { uint32, uint32Shift } from './uint32';

export { unused } from './paths';

/** Weights below it, nearly all, are written by a look-up. */
const shortWeights: u32 = 1_000;
/** Sums of more products are more than the cache of a core holds: short rows are sorted then, for others sums are read beforehand. */
const cachedSums: u32 = 1 << 18;
const lineFeed: u32 = 0x0a;
const zero: u32 = 0x30;

let products: u32 = 0;

/** The row that is being accumulated: a sum a product, and a bitmap of three levels of the products that were touched. */
let sums: usize = 0;
let words: usize = 0;
let groups: usize = 0;
let summary: usize = 0;
let summaryEnd: usize = 0;
/** The row when it is complete. */
let targets: usize = 0;
let weights: usize = 0;
/** The text of each short weight with the LF behind, four bytes. */
let digits: usize = 0;

/** The ids of the output, see OutputIds. */
let ids: usize = 0;
let stride: usize = 0;
let starts: usize = 0;

/** Sums of the last row, for the identities: its weights, and what its relations with lower and higher targets hash to. */
export let weight: f64 = 0;
export let lower: u32 = 0;
export let lowerMixed: u32 = 0;
export let higher: u32 = 0;
export let higherMixed: u32 = 0;

/** Bytes of scratch of a thread. Beside the words of a row each part is padded to 16 bytes, so that it is read four numbers at a time. */
export function scratchBytes(products: u32): usize {
  return (
    3 * padded(products) +
    padded(bits(products, 5)) +
    padded(bits(products, 10)) +
    padded(bits(products, 15)) +
    padded(shortWeights) +
    fetchedBytes +
    shortRowsBytes
  );
}

/** Must be called first, with scratch that is all zero. */
export function useScratch(ofProducts: u32, at: usize): void {
  products = ofProducts;
  sums = at;
  targets = sums + padded(products);
  weights = targets + padded(products);
  words = weights + padded(products);
  groups = words + padded(bits(products, 5));
  summary = groups + padded(bits(products, 10));
  summaryEnd = summary + padded(bits(products, 15));
  digits = summaryEnd;
  useFetched(digits + padded(shortWeights));
  useShortRows(products, fetched + fetchedBytes);
  for (let weight: u32 = 0; weight < shortWeights; weight++) {
    writeDigits(weight, digits + ((<usize>weight) << uint32Shift));
  }
}

export function targetsAt(): usize {
  return targets;
}

export function weightsAt(): usize {
  return weights;
}

/** See Graph. */
export function useGraph(pathStarts: usize, pathProducts: usize, productStarts: usize, productPaths: usize): void {
  usePaths(pathStarts, pathProducts, productStarts, productPaths);
  forgetShortRows();
}

/** See OutputIds. */
export function useIds(at: usize, strideBytes: usize, startsAt: usize): void {
  ids = at;
  stride = strideBytes;
  starts = startsAt;
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

/** Reads the beginnings of the ids of targets, whose places in the row these are. */
function fetchIds(from: usize, to: usize): void {
  let read: u32 = 0;
  for (let at = from; at < to; at += 4) {
    read += load<u16>(slotOf(load<u32>(targets + at)));
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

/**
 * Adds up a row of `length` targets and weights for the identities. Its hash is bilinear, the sum of first(a) · second(b) · weight for a < b,
 * modulo 2^32: so the number of the source is multiplied once a row, and one relation costs two multiplications a lane. The factors are
 * odd, hence no single error is ever lost.
 */
export function addUp(source: u32, length: u32): void {
  let at: usize = 0;
  const end = (<usize>length) << uint32Shift;
  let total: u64 = 0;
  let sum: u32 = 0;
  let mixed: u32 = 0;
  for (; at < end && load<u32>(targets + at) < source; at += 4) {
    const factor = first(load<u32>(targets + at));
    const weight = load<u32>(weights + at);
    sum += factor * weight;
    mixed += other(factor) * weight;
    total += weight;
  }
  lower = sum * second(source);
  lowerMixed = mixed * other(second(source));
  sum = 0;
  mixed = 0;
  for (; at < end; at += 4) {
    const factor = second(load<u32>(targets + at));
    const weight = load<u32>(weights + at);
    sum += factor * weight;
    mixed += other(factor) * weight;
    total += weight;
  }
  higher = sum * first(source);
  higherMixed = mixed * other(first(source));
  weight = <f64>total;
}

/** An odd number that says little of the product that it was made of, as the one of a pair that sorts first, and as the other one. */
function first(product: u32): u32 {
  const hash = product * 0x9e3779b1;
  return (hash ^ (hash >> 15)) | 1;
}

function second(product: u32): u32 {
  const hash = product * 0x85ebca6b;
  return (hash ^ (hash >> 13)) | 1;
}

/** The factor of the second lane. */
function other(factor: u32): u32 {
  const hash = factor * 0xc2b2ae35;
  return (hash ^ (hash >> 16)) | 1;
}

/**
 * Writes `targets[from, to)` of a row as lines of a relations file. Ids are copied eight bytes at a time, with up to seven behind their end.
 *
 * @returns where the lines end
 */
export function lines(source: u32, from: u32, to: u32, at: usize): usize {
  const sourceSlot = slotOf(source);
  const sourceLength = <usize>load<u16>(sourceSlot);
  const sourceHead = load<u64>(sourceSlot, 2);
  const last = (<usize>to) << uint32Shift;
  let fetchedTo = (<usize>from) << uint32Shift;
  for (let next = fetchedTo; next < last; next += 4) {
    if (next === fetchedTo) {
      fetchedTo = min(next + (fetchedTogether << uint32Shift), last);
      fetchIds(next, fetchedTo);
    }
    store<u64>(at, sourceHead);
    for (let done: usize = 8; done < sourceLength; done += 8) {
      store<u64>(at + done, load<u64>(sourceSlot + done, 2));
    }
    at += sourceLength;
    const slot = slotOf(load<u32>(targets + next));
    const length = <usize>load<u16>(slot);
    store<u64>(at, load<u64>(slot, 2));
    for (let done: usize = 8; done < length; done += 8) {
      store<u64>(at + done, load<u64>(slot + done, 2));
    }
    at += length;
    const weight = load<u32>(weights + next);
    if (weight < shortWeights) {
      store<u32>(at, load<u32>(digits + ((<usize>weight) << uint32Shift)));
      at += weight < 10 ? 2 : weight < 100 ? 3 : 4;
    } else {
      at = writeDigits(weight, at);
    }
  }
  return at;
}

function slotOf(product: u32): usize {
  return ids + (stride === 0 ? (<usize>uint32(starts, product)) << 3 : <usize>product * stride);
}

/** Writes a number and LF; returns where they end. */
function writeDigits(value: u32, at: usize): usize {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest /= 10) {
    end++;
  }
  let rest = value;
  for (let place = end - 1; place >= at; place--) {
    store<u8>(place, zero + (rest % 10));
    rest /= 10;
  }
  store<u8>(end, lineFeed);
  return end + 1;
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

/** Bytes of so many numbers, in whole sixteens. */
function padded(numbers: u32): usize {
  return (((<usize>numbers) << uint32Shift) + 15) & ~15;
}
