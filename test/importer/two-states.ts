import type { Connection, RowDataPacket } from 'mysql2/promise';
import { expect } from 'vitest';
import { linesOf, type Relation } from './run-import.ts';

/** Products in either state of `statesOf`. */
export const productCount = 1_500;

const targets = 20;

/**
 * Lines that a verbose publication of the other state logs before its last transaction: compared, accepted, and five transactions of 5,000
 * changes.
 */
export const loggedLines = 7;

/** The lists of each product in two states that differ in every weight, in a tenth of the rows that go, and a tenth that come. */
export function stateLists(state: 0 | 1): Map<number, Relation[]> {
  const lists = new Map<number, Relation[]>();
  for (let product = 1; product <= productCount; product++) {
    const rows: Relation[] = [];
    for (let at = 0; at < targets; at++) {
      const kind = (product + at) % 10;
      if (kind !== state) {
        rows.push([`${product}`, `${productCount + 1 + at}`, 1 + ((product * 7 + at * 3) % 50) + 100 * state]);
      }
    }
    lists.set(product, rows);
  }
  return lists;
}

/** The lines of a relations file. */
export function stateLines(state: 0 | 1): string[] {
  return linesOf([...stateLists(state).values()].flat(), 'integer');
}

/** The same as `tableLines` gives them. */
export function sortedStateLines(state: 0 | 1): string[] {
  return linesOf([...stateLists(state).values()].flat());
}

/** The lists as the storefront gets them: by weight descending, then target. */
export function shownLists(state: 0 | 1): Map<number, string> {
  return new Map(
    [...stateLists(state)].map(([product, rows]) => [
      product,
      JSON.stringify(
        rows
          .toSorted((a, b) => b[2] - a[2] || Number(a[1]) - Number(b[1]))
          .map(([, target, weight]) => [Number(target), weight]),
      ),
    ]),
  );
}

/** Makes sure that a table holds every product's list, as it is in the one state or in the other. */
export async function expectWholeLists(connection: Connection, table: string): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>({
    sql: `SELECT source_product_id, target_product_id, weight FROM ${table} ORDER BY 1, weight DESC, 2`,
    rowsAsArray: true,
  });
  const lists = new Map<number, unknown[]>();
  for (const row of rows) {
    const list = lists.get(Number(row[0])) ?? [];
    list.push([row[1], row[2]]);
    lists.set(Number(row[0]), list);
  }
  const states = [shownLists(0), shownLists(1)] as const;
  expect([...lists.keys()]).toEqual([...states[0].keys()]);
  for (const [product, list] of lists) {
    expect([states[0].get(product), states[1].get(product)]).toContain(JSON.stringify(list));
  }
}
