import { fetchedTogether, readBeforehand } from './paths';
import { targets, weights } from './row';
import { uint32, uint32Shift } from './uint32';

/** Weights below it, nearly all, are written by a look-up. */
const shortWeights: u32 = 1_000;
/** Bytes of scratch of a thread. */
export const digitsBytes: usize = (<usize>shortWeights) << uint32Shift;
const lineFeed: u32 = 0x0a;
const zero: u32 = 0x30;

/** The text of each short weight with the LF behind, four bytes. */
let digits: usize = 0;

/** The ids of the output, see OutputIds. */
let ids: usize = 0;
let stride: usize = 0;
let starts: usize = 0;

export function useDigits(at: usize): void {
  digits = at;
  for (let weight: u32 = 0; weight < shortWeights; weight++) {
    writeDigits(weight, digits + ((<usize>weight) << uint32Shift));
  }
}

/** See OutputIds. */
export function useIds(at: usize, strideBytes: usize, startsAt: usize): void {
  ids = at;
  stride = strideBytes;
  starts = startsAt;
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

/** Reads the beginnings of the ids of targets, whose places in the row these are. */
function fetchIds(from: usize, to: usize): void {
  let read: u32 = 0;
  for (let at = from; at < to; at += 4) {
    read += load<u16>(slotOf(load<u32>(targets + at)));
  }
  readBeforehand(read);
}
