/**
 * Reads relations whose ids are integers, in AssemblyScript: lines of a relations file, and rows as a MySQL server sends them.
 * `src/tsv/relation-kernel.ts` is its other half. It stops at whatever is not plain, which is left to it.
 *
 * The memory is of one size: input of `inputBytes`, with room behind it for what a look reaches beyond, then the three columns.
 */

const input: usize = 1024;
const inputBytes: usize = 1 << 17;
const slack: usize = 64;
/** The shortest line, and the shortest packet is longer: three digits, two tabs and a line end. */
const leastRowBytes: usize = 6;
const maxRows: usize = inputBytes / leastRowBytes + 1;
const sources: usize = input + inputBytes + slack;
const targets: usize = sources + 8 * maxRows;
const weights: usize = targets + 8 * maxRows;

/** Digits of the longest integer that is a number of its own, and the largest such integer. */
const maxDigits: usize = 15;
const largest: u64 = 999_999_999_999_999;

const tab: u32 = 0x09;
const lineFeed: u32 = 0x0a;
/** Eight bytes of 0, of the highest bit, and of what takes a number of ten and more to that bit. */
const zeros: u64 = twice(0x30303030);
const highBits: u64 = twice(0x80808080);
const beyondNine: u64 = twice(0x76767676);
/** What adds up pairs of digits, every second pair at a time. */
const everySecondPair: u64 = twice(0xff);
const firstAndThird: u64 = ((<u64>1_000_000) << 32) | 100;
const secondAndFourth: u64 = ((<u64>10_000) << 32) | 1;

function twice(word: u64): u64 {
  return (word << 32) | word;
}

/** A packet's header, the mark of a row and its bitmap of NULLs come before the values. */
const rowHead: usize = 6;
/** The bits of three columns in that bitmap, whose first two bits are reserved. */
const nullBits: u32 = 0b11100;
/** Added to the bytes of an integer that may be negative. */
const signed: u32 = 16;

let count: usize = 0;
/** Where the field ends that was read last. */
let fieldEnd: usize = 0;

export function inputAt(): usize {
  return input;
}

export function inputSize(): usize {
  return inputBytes;
}

export function sourcesAt(): usize {
  return sources;
}

export function targetsAt(): usize {
  return targets;
}

export function weightsAt(): usize {
  return weights;
}

export function mostRows(): usize {
  return maxRows;
}

/** Rows that the last call has put into the columns. */
export function rowCount(): usize {
  return count;
}

/**
 * Takes lines of the first `length` bytes of the input for as long as they are three canonical integers, the last one not zero.
 *
 * @returns how many bytes were taken: where a line begins
 */
export function lines(length: usize): usize {
  const end = input + length;
  let at = input;
  count = 0;
  while (at < end) {
    const source = field(at, tab);
    if (fieldEnd === 0) {
      break;
    }
    const target = field(fieldEnd + 1, tab);
    if (fieldEnd === 0) {
      break;
    }
    const weight = field(fieldEnd + 1, lineFeed);
    // What stands behind the input is of an earlier one.
    if (fieldEnd === 0 || fieldEnd >= end || weight === 0) {
      break;
    }
    push(<f64>source, <f64>target, <f64>weight);
    at = fieldEnd + 1;
  }
  return at - input;
}

/**
 * The canonical integer at `start`, of at most `maxDigits`, and in `fieldEnd` where it ends: with `mark`, or 0 when it is none.
 *
 * Eight digits in one look: a byte that is no digit has its highest bit set in `others`; then pairs, fours and eights are added up.
 */
function field(start: usize, mark: u32): u64 {
  const word = load<u64>(start) ^ zeros;
  const others = ((word + beyondNine) | word) & highBits;
  if (others === 0) {
    return longField(start, mark);
  }
  const digits = <usize>(ctz(others) >> 3);
  const isCanonical = digits === 1 || (digits !== 0 && (word & 0xff) !== 0);
  fieldEnd = isCanonical && <u32>load<u8>(start + digits) === mark ? start + digits : 0;
  let value = word << ((8 - digits) << 3);
  value = value * 10 + (value >> 8);
  return ((value & everySecondPair) * firstAndThird + ((value >> 16) & everySecondPair) * secondAndFourth) >> 32;
}

/** The same for eight digits and more. */
function longField(start: usize, mark: u32): u64 {
  let at = start;
  let value: u64 = 0;
  for (
    let digit = <u32>load<u8>(at) - 0x30;
    digit <= 9 && at - start <= maxDigits;
    digit = <u32>load<u8>(++at) - 0x30
  ) {
    value = 10 * value + digit;
  }
  const isCanonical = at - start <= maxDigits && <u32>load<u8>(start) !== 0x30;
  fieldEnd = isCanonical && <u32>load<u8>(at) === mark ? at : 0;
  return value;
}

/**
 * Takes packets of the first `length` bytes of the input for as long as they are whole rows in the binary protocol, each sorted behind the one
 * before, without NULL and with ids that are numbers of their own.
 *
 * @param sourceType bytes of an integer, and 16 more when it may be negative
 * @param lastSource the row before the first
 * @returns how many bytes were taken: where a packet begins
 */
export function packets(
  length: usize,
  sourceType: u32,
  targetType: u32,
  weightType: u32,
  lastSource: f64,
  lastTarget: f64,
): usize {
  const end = input + length;
  const targetPlace = rowHead + (sourceType & 15);
  const weightPlace = targetPlace + (targetType & 15);
  const bytes = weightPlace + (weightType & 15);
  // Length of the payload, any number of the packet.
  const header = <u32>(bytes - 4);
  let at = input;
  count = 0;
  for (; at + bytes <= end; at += bytes) {
    if ((load<u32>(at) & 0xffffff) !== header || load<u8>(at + 4) !== 0 || (load<u8>(at + 5) & nullBits) !== 0) {
      break;
    }
    const source = integer(at + rowHead, sourceType);
    const target = integer(at + targetPlace, targetType);
    if (abs(source) > <f64>largest || abs(target) > <f64>largest) {
      break;
    }
    if (source < lastSource || (source === lastSource && target <= lastTarget)) {
      break;
    }
    push(source, target, integer(at + weightPlace, weightType));
    lastSource = source;
    lastTarget = target;
  }
  return at - input;
}

/** Beyond 2^53 the nearest number. */
function integer(at: usize, type: u32): f64 {
  switch (type) {
    case 1:
      return <f64>load<u8>(at);
    case 2:
      return <f64>load<u16>(at);
    case 4:
      return <f64>load<u32>(at);
    case 8:
      return <f64>load<u64>(at);
    case signed + 1:
      return <f64>load<i8>(at);
    case signed + 2:
      return <f64>load<i16>(at);
    case signed + 4:
      return <f64>load<i32>(at);
    default:
      return <f64>load<i64>(at);
  }
}

function push(source: f64, target: f64, weight: f64): void {
  const place = count << 3;
  store<f64>(sources + place, source);
  store<f64>(targets + place, target);
  store<f64>(weights + place, weight);
  count++;
}
