import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { describeAddress, type MysqlAddress } from '../mysql/address.ts';
import { readBinaryRows } from '../mysql/binary-rows.ts';
import type { Column } from '../mysql/columns.ts';
import { withConnection } from '../mysql/connect.ts';
import { mysqlFailure } from '../mysql/mysql-failure.ts';
import { startSnapshot } from '../mysql/snapshot.ts';
import { type Artefact, writeFile } from '../storage/output.ts';
import { checkReplica } from './check-replica.ts';
import { expectedRows } from './expected-rows.ts';
import { type CatalogueQuery, exportCatalogue } from './export-catalogue.ts';
import { selectViews, type ViewTable } from './select-views.ts';
import { ViewRows } from './view-rows.ts';
import { sinceOf } from './window.ts';

/** Where the views are in MySQL or MariaDB, and which of them are wanted. */
export interface MysqlViews extends ViewTable {
  readonly address: MysqlAddress;
  readonly password: string | undefined;
  /** Only rows whose `timeColumn` is not before this: a duration (`90d`) or a date, see `parseSince`. */
  readonly since?: string | undefined;
  /** Milliseconds that a replica may be behind its source. */
  readonly maxReplicaLag?: number | undefined;
  /** Asked at the same moment as the views; default: there is no catalogue. */
  readonly catalogue?: CatalogueQuery | undefined;
}

export interface ExportedViews {
  readonly artefact: Artefact;
  /** Rows written; the header is not one. */
  readonly rows: number;
  /** Rows left out because an id is NULL. */
  readonly nulls: number;
  /** The column of the product ids: its type decides how relations are sorted and stored. */
  readonly product: Column;
  /** The answer to the query of the catalogue. */
  readonly catalogue: Artefact | undefined;
}

/**
 * Writes the views of a table as TSV: a header of the two column names, then a line for each row, in no particular order.
 *
 * All rows are of one moment, a consistent snapshot, as far as the table's engine has them (InnoDB does). Integers are in decimal, without
 * the zeros of ZEROFILL; binary ids are lower-case hex; everything else is its text in UTF-8. Every byte that has an escape in TSV is
 * escaped, also those that `mysql --batch` leaves as they are: CR, BS and SUB. Memory does not grow with the table.
 *
 * @param out a path, `-` or `s3://bucket/key`; gzip when it ends in `.gz`. Nothing is left there on a failure
 * @throws ExpectedFailure when the options contradict each other, the table or a column does not exist or must not be read, the connection
 *   is lost, or `out` cannot be written; the reason of `given.signal` once it is aborted
 */
export async function exportViews(
  views: MysqlViews,
  out: string,
  given: Partial<Effects> = {},
): Promise<ExportedViews> {
  const effects = defaultEffects(given);
  const since = sinceOf(views);
  return await withConnection(views.address, views.password, effects, async (connection) => {
    if (views.maxReplicaLag !== undefined) {
      await checkReplica(connection, describeAddress(views.address), views.maxReplicaLag, effects);
    }
    const { sql, pathWire, productWire, productColumn } = await selectViews(connection, views, since);
    // The server only guesses what a condition of any kind leaves.
    const expected = views.where === undefined ? await expectedRows(connection, sql, effects.log) : undefined;
    const progress = (done: number, total: number | undefined): void =>
      effects.progress({ stage: 'Exporting', done, total, unit: 'views' });
    await startSnapshot(connection);
    // First: whether the query can be asked is to be known before the views have taken their hour.
    const catalogue =
      views.catalogue &&
      (await exportCatalogue(
        connection,
        views.catalogue,
        views.productColumn,
        describeAddress(views.address),
        effects,
      ));
    const { artefact, result } = await writeFile(out, effects, async (output) => {
      progress(0, expected);
      await output.write(Buffer.from(`${views.pathColumn}\t${views.productColumn}\n`), 1);
      const rows = new ViewRows(output, pathWire, productWire, (done) =>
        // There are more than were expected: nobody knows how many.
        progress(done, expected !== undefined && done < expected ? expected : undefined),
      );
      await readBinaryRows(connection, sql, rows).catch((error: unknown) => {
        throw mysqlFailure(`Cannot read table ${views.table} of ${describeAddress(views.address)}`, error);
      });
      await rows.end();
      progress(rows.read, rows.read);
      return rows;
    });
    return { artefact, rows: result.rows, nulls: result.nulls, product: productColumn, catalogue };
  });
}
