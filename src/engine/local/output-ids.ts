import type { IdTable } from '../../relation/id-table.ts';
import type { ByteWriter } from '../../tsv/byte-writer.ts';
import { escapeInto } from '../../tsv/escapes.ts';
import { allocate8, allocate32 } from './shared-kernel.ts';

/**
 * The ids as they stand in the output, escaped and with a TAB behind, in memory that worker threads share.
 *
 * Each stands in a slot: its length in two bytes, then its bytes. They are copied eight at a time, with some of the next slot behind them, which
 * is written over. Nearly always the slots are of one size and an id is found by multiplying; a look-up of where it starts would be one more
 * cache miss a relation. Where some id is long, slots have the size that their id needs.
 */
export interface OutputIds {
  readonly bytes: Uint8Array;
  /** Bytes of every slot, or 0 when they differ. */
  readonly stride: number;
  /** Where each slot starts, in units of 8 bytes, when they differ. */
  readonly starts: Uint32Array;
  /** Bytes of the longest id, TAB included. */
  readonly longest: number;
}

const tab = 0x09;
const copiedAtOnce = 8;
/** Longer slots are better of different sizes. */
const longestStride = 32;

/** @param sorted the products' numbers in output order */
export function outputIds(products: IdTable, sorted: Uint32Array, memory: WebAssembly.Memory): OutputIds {
  const { arena } = products;
  const lengths = new Uint16Array(sorted.length);
  const scratch = new Uint8Array(1 << 12);
  let longest = 0;
  // In the order in which they stand in the arena, for the cache's sake.
  for (let number = 0; number < sorted.length; number++) {
    const length = 1 + escapeInto(arena, products.start(number), products.end(number), scratch);
    lengths[number] = length;
    longest = Math.max(longest, length);
  }
  const stride = slotBytes(longest) <= longestStride ? slotBytes(longest) : 0;
  const starts = allocate32(memory, stride === 0 ? sorted.length : 0);
  let total = stride * sorted.length;
  if (stride === 0) {
    for (let rank = 0; rank < sorted.length; rank++) {
      starts[rank] = total / 8;
      total += slotBytes(lengths[sorted[rank]!]!);
    }
  }
  const bytes = allocate8(memory, total + copiedAtOnce);
  for (let rank = 0; rank < sorted.length; rank++) {
    const number = sorted[rank]!;
    const length = lengths[number]!;
    const at = stride === 0 ? 8 * starts[rank]! : stride * rank;
    bytes[at] = length & 0xff;
    bytes[at + 1] = length >>> 8;
    escapeInto(arena, products.start(number), products.end(number), scratch);
    for (let place = 0; place < length - 1; place++) {
      bytes[at + 2 + place] = scratch[place]!;
    }
    bytes[at + 1 + length] = tab;
  }
  return { bytes, stride, starts, longest };
}

/** Writes the id of a product and the TAB behind it. */
export function writeId(ids: OutputIds, product: number, output: ByteWriter): void {
  const at = slotOf(ids, product);
  output.copy(ids.bytes, at + 2, at + 2 + lengthAt(ids, at));
}

/** Bytes of the id of a product and the TAB behind it. */
export function idBytes(ids: OutputIds, product: number): number {
  return lengthAt(ids, slotOf(ids, product));
}

function slotOf({ stride, starts }: OutputIds, product: number): number {
  return stride === 0 ? 8 * starts[product]! : stride * product;
}

function lengthAt({ bytes }: OutputIds, slot: number): number {
  return bytes[slot]! | (bytes[slot + 1]! << 8);
}

/** Two bytes of length, and the id; slots start at multiples of eight. */
function slotBytes(length: number): number {
  return 8 * Math.ceil((2 + length) / 8);
}
