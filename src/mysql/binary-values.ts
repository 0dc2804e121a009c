import type { Column } from './columns.ts';

/**
 * The values of a row in the binary protocol: integers have the width of their type, texts are length-encoded. Both are read by offsets,
 * because an object for every value is what reading millions of rows would wait for.
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html#sect_protocol_binary_resultset_row_value
 */

/** How an integer stands in a row. */
export interface IntegerType {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly unsigned: boolean;
}

const integerBytes: Readonly<Record<string, IntegerType['bytes']>> = {
  tinyint: 1,
  smallint: 2,
  // Three bytes in the table, four on the way.
  mediumint: 4,
  int: 4,
  bigint: 8,
};

/** How the integers of a column stand in a row, little-endian. */
export function integerType({ dataType, unsigned }: Pick<Column, 'dataType' | 'unsigned'>): IntegerType {
  const bytes = integerBytes[dataType];
  if (bytes === undefined) {
    throw new Error(`${dataType} is no type of integers`);
  }
  return { bytes, unsigned };
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

/** A little-endian integer; beyond 2^53 the nearest number. By a `DataView`: the methods of Buffer check their arguments each time. */
export function integerAt(view: DataView, at: number, { bytes, unsigned }: IntegerType): number {
  switch (bytes) {
    case 1:
      return unsigned ? view.getUint8(at) : view.getInt8(at);
    case 2:
      return unsigned ? view.getUint16(at, true) : view.getInt16(at, true);
    case 4:
      return unsigned ? view.getUint32(at, true) : view.getInt32(at, true);
    case 8: {
      const high = unsigned ? view.getUint32(at + 4, true) : view.getInt32(at + 4, true);
      return view.getUint32(at, true) + 2 ** 32 * high;
    }
  }
}
