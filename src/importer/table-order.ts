import { escapeId } from 'mysql2/promise';
import { compareBytes, compareIntegers, type IdComparison, type IdOrder } from '../relation/id-order.ts';
import { compareNumberBytes } from '../tsv/id-bytes.ts';
import type { IdColumn } from './create-tables.ts';

/** How an id column is read in the order of a file. */
export interface ColumnOrder {
  /** What to select for the id: an integer column as it is, everything else as text. */
  readonly select: string;
  /** What to sort by. */
  readonly orderBy: string;
  /** Whether the column's own index has that order, so that the server need not sort. */
  readonly native: boolean;
  readonly compare: IdComparison;
}

/** Collations of UTF-8 that sort by bytes and take trailing spaces for characters. */
const byteCollation = /^utf8(mb[34])?_(0900|nopad)_bin$/;

/** Whether the column may take two ids for one: text of a collation that is not bytes alone. */
export function isCollated(column: IdColumn): boolean {
  return column.kind === 'text' && column.collation !== undefined && !byteCollation.test(column.collation);
}

/**
 * How `column` is read so that its ids come in `order`. What the server sorts must be exactly what `compare` says, for every id that the
 * column may hold, not only for those that belong there.
 */
export function columnOrder(column: IdColumn, order: IdOrder): ColumnOrder {
  const name = escapeId(column.name, true);
  if (column.kind === 'binary') {
    const hex = `LOWER(HEX(${name}))`;
    // Hex digits have the order of the bytes; a text in hex that is all digits sorts by length first in integer order.
    return order === 'text'
      ? { select: hex, orderBy: name, native: true, compare: compareBytes }
      : { select: hex, orderBy: `LENGTH(${name}), ${name}`, native: false, compare: compareIntegers };
  }
  if (column.kind === 'integer') {
    // Adding 0 takes the leading zeros of ZEROFILL away.
    return order === 'integer'
      ? { select: name, orderBy: name, native: true, compare: compareNumberBytes }
      : {
          select: name,
          orderBy: `CAST(CAST(${name} + 0 AS CHAR) AS BINARY)`,
          native: false,
          compare: compareBytes,
        };
  }
  const native = byteCollation.test(column.collation ?? '');
  const bytes = `CAST(CONVERT(${name} USING utf8mb4) AS BINARY)`;
  return order === 'text'
    ? { select: name, orderBy: native ? name : bytes, native, compare: compareBytes }
    : { select: name, orderBy: `LENGTH(${bytes}), ${bytes}`, native: false, compare: compareIntegers };
}
