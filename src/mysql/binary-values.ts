/**
 * The values of a row in the binary protocol: integers have the width of their type, texts are length-encoded. Both are read by offsets,
 * because an object for every value is what reading millions of rows would wait for.
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html#sect_protocol_binary_resultset_row_value
 */

export type IntegerBytes = 1 | 2 | 4 | 8;

const integerBytesOf: Readonly<Record<string, IntegerBytes>> = {
  tinyint: 1,
  smallint: 2,
  // Three bytes in the table, four on the way.
  mediumint: 4,
  int: 4,
  bigint: 8,
};

/** How many bytes an integer of type `dataType` takes, little-endian. */
export function integerBytes(dataType: string): IntegerBytes {
  const bytes = integerBytesOf[dataType];
  if (bytes === undefined) {
    throw new Error(`${dataType} is no type of integers`);
  }
  return bytes;
}

/** Lengths below this are one byte; 0xfc and 0xfd stand before two and three bytes. No row that is read has 16 MiB. */
const twoBytes = 0xfc;
const oneByteBelow = 0xfb;

/** Where the bytes of the text begin whose length stands at `at`. */
export function textStart(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  return first < oneByteBelow ? at + 1 : first === twoBytes ? at + 3 : at + 4;
}

/** Where they end. */
export function textEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < oneByteBelow) {
    return at + 1 + first;
  }
  const length = bytes[at + 1]! | (bytes[at + 2]! << 8);
  return first === twoBytes ? at + 3 + length : at + 4 + (length | (bytes[at + 3]! << 16));
}

/** A little-endian integer; beyond 2^53 the nearest number. By single bytes: the methods of Buffer check their arguments each time. */
export function integerAt(bytes: Uint8Array, at: number, width: IntegerBytes, unsigned: boolean): number {
  if (width === 1) {
    const value = bytes[at]!;
    return unsigned || value < 0x80 ? value : value - 0x100;
  }
  if (width === 2) {
    const value = bytes[at]! | (bytes[at + 1]! << 8);
    return unsigned || value < 0x8000 ? value : value - 0x1_0000;
  }
  const low = bits32At(bytes, at);
  if (width === 4) {
    return unsigned ? low >>> 0 : low;
  }
  const high = bits32At(bytes, at + 4);
  return (low >>> 0) + 2 ** 32 * (unsigned ? high >>> 0 : high);
}

function bits32At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
