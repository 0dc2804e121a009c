import { escapeId, escape as escapeValue } from 'mysql2/promise';
import type { Change } from './changes.ts';
import { charsetOf, type IdColumn, type RelationColumns, type ServerKind } from './create-tables.ts';

/** Rows that one DELETE or UPDATE names. */
const maxJoinedRows = 5_000;

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
  /** What stands before the fields of a row in a list of rows. */
  readonly #row: string;

  constructor(table: string, columns: RelationColumns, server: ServerKind, maxBytes: number) {
    this.#row = server === 'mysql' ? 'ROW' : '';
    this.#table = escapeId(table, true);
    this.#columns = columns;
    this.#maxBytes = maxBytes;
    const { source, target } = columns;
    this.#joined = `AS d STRAIGHT_JOIN ${this.#table} AS r ON r.${escapeId(source.name, true)} = ${comparable(source, 'd.s')} AND r.${escapeId(target.name, true)} = ${comparable(target, 'd.t')}`;
  }

  /** The statements that do to `rows` what `op` says. */
  of(op: Change['op'], rows: readonly Change[]): Generator<string> {
    switch (op) {
      case '-':
        return this.deletes(rows);
      case '+':
        return this.inserts(rows);
      case '~':
        return this.updates(rows);
    }
  }

  /** Never an upsert: where a collation takes two ids for one, the second is to be an error and not to replace the first. */
  *inserts(rows: readonly Change[]): Generator<string> {
    const { source, target, weight } = this.#columns;
    const names = [source, target, weight].map(({ name }) => escapeId(name, true)).join();
    for (const values of this.#bounded(
      rows,
      (row) => `(${this.#key(row).join()},${row.weight})`,
      Number.POSITIVE_INFINITY,
    )) {
      yield `INSERT INTO ${this.#table} (${names}) VALUES ${values.join()}`;
    }
  }

  *deletes(rows: readonly Change[]): Generator<string> {
    for (const keys of this.#lists(rows, (row) => this.#key(row), 's,t')) {
      yield `DELETE r FROM (${keys}) ${this.#joined}`;
    }
  }

  *updates(rows: readonly Change[]): Generator<string> {
    for (const list of this.#lists(rows, (row) => [...this.#key(row), `${row.weight}`], 's,t,w')) {
      yield `UPDATE (${list}) ${this.#joined} SET r.${escapeId(this.#columns.weight.name, true)} = d.w`;
    }
  }

  /** Lists of rows, with the names of the first row's SELECT. MariaDB writes the text of each statement to its binlog, so it is short. */
  *#lists(rows: readonly Change[], fields: (row: Change) => readonly string[], names: string): Generator<string> {
    const named = names.split(',');
    const render = (row: Change, isFirst: boolean): string =>
      isFirst
        ? `SELECT ${fields(row)
            .map((field, at) => `${field} ${named[at]}`)
            .join()}`
        : `${this.#row}(${fields(row).join()})`;
    for (const [first, ...others] of this.#bounded(rows, render, maxJoinedRows)) {
      yield others.length === 0 ? `${first}` : `${first} UNION ALL VALUES ${others.join()}`;
    }
  }

  #key(row: Change): [source: string, target: string] {
    return [literal(this.#columns.source, row.source), literal(this.#columns.target, row.target)];
  }

  *#bounded(
    rows: readonly Change[],
    render: (row: Change, isFirst: boolean) => string,
    maxRows: number,
  ): Generator<string[]> {
    let parts: string[] = [];
    let bytes = 0;
    for (const row of rows) {
      let part = render(row, parts.length === 0);
      if (parts.length > 0 && (bytes + Buffer.byteLength(part) + 1 > this.#maxBytes || parts.length === maxRows)) {
        yield parts;
        parts = [];
        bytes = 0;
        part = render(row, true);
      }
      parts.push(part);
      bytes += Buffer.byteLength(part) + 1;
    }
    if (parts.length > 0) {
      yield parts;
    }
  }
}

/** An id as a value of its column. A number in quotes would be compared as floating point, so integers stand without. */
function literal(column: IdColumn, id: string): string {
  switch (column.kind) {
    case 'integer':
      return escapeValue(id.length < 16 ? Number(id) : BigInt(id));
    case 'binary':
      return escapeValue(Buffer.from(id, 'hex'));
    case 'text':
      return escapeValue(id);
  }
}

/** The ids of the derived table in the type of their column, without which its index could not be used: numbers of several sizes make a
 * DECIMAL together, and two columns of different collations cannot be compared. */
function comparable(column: IdColumn, name: string): string {
  if (column.kind === 'integer') {
    return `CAST(${name} AS ${column.unsigned ? 'UNSIGNED' : 'SIGNED'})`;
  }
  return column.collation === undefined
    ? name
    : `CONVERT(${name} USING ${charsetOf(column.collation)}) COLLATE ${column.collation}`;
}
