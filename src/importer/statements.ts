import { escapeId, escape as escapeValue } from 'mysql2/promise';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { unescapeId } from '../tsv/escapes.ts';
import type { TextBatch } from '../tsv/relation-batch.ts';
import type { ChangeBatch } from './change-batches.ts';
import { type Change, opBytes } from './changes.ts';
import { charsetOf, type IdColumn, type RelationColumns, type ServerKind } from './create-tables.ts';

/** Rows that one DELETE or UPDATE names. */
const maxJoinedRows = 5_000;

const minus = 0x2d;

/**
 * The statements that change the rows of one table, none longer than `maxBytes`.
 *
 * DELETE and UPDATE join the table with a derived table of the keys, one look-up in the unique key for each row. For 5,000 rows of as many
 * sources that took 40 to 75 ms on MariaDB 10.11 and MySQL 9.7. `(source = ? AND target IN (…)) OR …` took 7 s and 57 s, as the servers'
 * range analysis grows with the square of the conditions; INSERT … ON DUPLICATE KEY UPDATE took as long as the join, but fails where another
 * column has no default, and uses up values of AUTO_INCREMENT.
 */
export class TableStatements {
  readonly #table: string;
  readonly #columns: RelationColumns;
  readonly #maxBytes: number;
  readonly #joined: string;
  /** What stands before the fields of a row in the list of a derived table. */
  readonly #rowBegin: string;

  constructor(table: string, columns: RelationColumns, server: ServerKind, maxBytes: number) {
    this.#rowBegin = server === 'mysql' ? 'ROW(' : '(';
    this.#table = escapeId(table, true);
    this.#columns = columns;
    this.#maxBytes = maxBytes;
    const { source, target } = columns;
    this.#joined = `AS d STRAIGHT_JOIN ${this.#table} AS r ON r.${escapeId(source.name, true)} = ${comparable(source, 'd.s')} AND r.${escapeId(target.name, true)} = ${comparable(target, 'd.t')}`;
  }

  /** The statements for the changes of a batch that have this op. */
  of(op: Change['op'], batch: ChangeBatch): Generator<string> {
    switch (op) {
      case '-':
        return this.#deletes(batch);
      case '+':
        return this.#inserts(batch);
      case '~':
        return this.#updates(batch);
    }
  }

  /** Never an upsert: where a collation takes two ids for one, the second is to be an error and not to replace the first. */
  *#inserts(batch: ChangeBatch): Generator<string> {
    const { source, target, weight } = this.#columns;
    const names = [source, target, weight].map(({ name }) => escapeId(name, true)).join();
    const list = { op: opBytes['+'], names: undefined, weights: true, maxRows: Number.POSITIVE_INFINITY };
    for (const values of this.#lists(batch, list)) {
      yield `INSERT INTO ${this.#table} (${names}) VALUES ${values}`;
    }
  }

  *#deletes(batch: ChangeBatch): Generator<string> {
    const list = { op: opBytes['-'], names: ['s', 't'], weights: false, maxRows: maxJoinedRows };
    for (const keys of this.#lists(batch, list)) {
      yield `DELETE r FROM (${keys}) ${this.#joined}`;
    }
  }

  *#updates(batch: ChangeBatch): Generator<string> {
    const list = { op: opBytes['~'], names: ['s', 't', 'w'], weights: true, maxRows: maxJoinedRows };
    for (const rows of this.#lists(batch, list)) {
      yield `UPDATE (${rows}) ${this.#joined} SET r.${escapeId(this.#columns.weight.name, true)} = d.w`;
    }
  }

  /** Lists of the rows of a batch that have one op, as short as can be: MariaDB writes the text of each statement to its binlog. */
  *#lists({ ops, rows }: ChangeBatch, { op, names, weights, maxRows }: RowList): Generator<string> {
    const text = new ByteWriter(1 << 16);
    let count = 0;
    for (let at = 0; at < rows.length; at++) {
      if (ops[at] !== op) {
        continue;
      }
      const before = text.length;
      this.#row(text, rows, at, count, names, weights);
      if (count > 0 && (text.length > this.#maxBytes || count === maxRows)) {
        text.length = before;
        yield textOf(text);
        text.length = 0;
        count = 0;
        this.#row(text, rows, at, count, names, weights);
      }
      count++;
    }
    if (count > 0) {
      yield textOf(text);
    }
  }

  /** Writes a row behind `count` others; the first one of a derived table gives its columns their names. */
  #row(
    text: ByteWriter,
    rows: TextBatch,
    at: number,
    count: number,
    names: readonly string[] | undefined,
    weights: boolean,
  ): void {
    const named = names !== undefined && count === 0 ? names : undefined;
    if (named !== undefined) {
      text.ascii('SELECT ');
    } else {
      text.ascii(count === 0 ? '' : names !== undefined && count === 1 ? ' UNION ALL VALUES ' : ',');
      text.ascii(names === undefined ? '(' : this.#rowBegin);
    }
    const { bytes, sourceStarts, sourceEnds, targetStarts, targetEnds } = rows;
    writeLiteral(text, this.#columns.source, bytes, sourceStarts[at]!, sourceEnds[at]!);
    text.ascii(named === undefined ? ',' : ` ${named[0]},`);
    writeLiteral(text, this.#columns.target, bytes, targetStarts[at]!, targetEnds[at]!);
    text.ascii(named === undefined ? '' : ` ${named[1]}`);
    if (weights) {
      text.ascii(',');
      text.number(rows.weights[at]!);
      text.ascii(named === undefined ? '' : ` ${named[2]}`);
    }
    text.ascii(named === undefined ? ')' : '');
  }
}

/** A list of rows in a statement. */
interface RowList {
  readonly op: number;
  /** Those of the columns of a derived table; without them, the list is one of VALUES. */
  readonly names: readonly string[] | undefined;
  readonly weights: boolean;
  readonly maxRows: number;
}

function textOf({ bytes, length }: ByteWriter): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('utf8');
}

/**
 * Writes the id `bytes[start, end)` of a line of changes as a value of its column. A number in quotes would be compared as floating point, so
 * integers stand without.
 */
function writeLiteral(text: ByteWriter, column: IdColumn, bytes: Uint8Array, start: number, end: number): void {
  switch (column.kind) {
    case 'integer':
      if (end === start || !hasOnly(isIntegerByte, bytes, start, end)) {
        throw new Error('Not the id of an integer column');
      }
      text.copy(bytes, start, end);
      break;
    case 'binary':
      if (!hasOnly(isHexByte, bytes, start, end)) {
        throw new Error('Not the id of a binary column');
      }
      text.ascii("X'");
      text.copy(bytes, start, end);
      text.ascii("'");
      break;
    case 'text': {
      const id = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
      const literal = Buffer.from(escapeValue(unescapeId(id)));
      text.copy(literal, 0, literal.length);
      break;
    }
  }
}

/** What a statement is made of unquoted is looked at once more. */
function hasOnly(isAllowed: (byte: number) => boolean, bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (!isAllowed(bytes[at]!)) {
      return false;
    }
  }
  return true;
}

function isHexByte(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x61 && byte <= 0x66);
}

function isIntegerByte(byte: number): boolean {
  return isDigit(byte) || byte === minus;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/**
 * Ids in the type of their column, without which its index could not be used: numbers of several sizes make a DECIMAL together in a derived
 * table, and texts of different collations cannot be compared.
 */
export function comparable(column: IdColumn, name: string): string {
  if (column.kind === 'integer') {
    return `CAST(${name} AS ${column.unsigned ? 'UNSIGNED' : 'SIGNED'})`;
  }
  return column.collation === undefined
    ? name
    : `CONVERT(${name} USING ${charsetOf(column.collation)}) COLLATE ${column.collation}`;
}
