import { targets, weights } from './row';
import { uint32Shift } from './uint32';

/** Sums of the last row, for the identities: its weights, and what its relations with lower and higher targets hash to. */
export let weight: f64 = 0;
export let lower: u32 = 0;
export let lowerMixed: u32 = 0;
export let higher: u32 = 0;
export let higherMixed: u32 = 0;

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
