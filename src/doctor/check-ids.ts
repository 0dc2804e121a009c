import { type Connection, escapeId, type RowDataPacket } from 'mysql2/promise';
import type { MysqlViews } from '../exporter/export-views.ts';
import { selectViews } from '../exporter/select-views.ts';
import { ExpectedFailure } from '../failure.ts';
import { collision } from '../importer/check-collisions.ts';
import { idProblem } from '../importer/check-fit.ts';
import { exactTextDdl, type IdColumn, type ServerKind } from '../importer/create-tables.ts';
import { IdFactsCollector } from '../importer/id-facts.ts';
import { isCollated } from '../importer/table-order.ts';
import { existingTable, serverKind } from '../importer/target-table.ts';
import type { Check } from './doctor.ts';
import { withSwiftConnection } from './with-database.ts';

/** Views whose products are looked at, and the most products of these. */
const sampleViews = 100_000;
const sampleIds = 5000;

/** Whether the products of the views fit the id columns of the target, by a sample; the import looks at all of them. */
export const checkIds: Check = async (report, options, effects) => {
  // What cannot be told or reached, the checks of the two sides say.
  const sides = await Promise.all([options.source, options.target]).catch(() => undefined);
  const [source, target] = sides ?? [];
  if (source?.kind !== 'table' || target?.kind !== 'table') {
    return;
  }
  const { table } = target;
  const { number = String } = options;
  try {
    const ids = await withSwiftConnection(source.views.address, source.views.password, effects, (connection) =>
      idsOf(connection, source.views),
    );
    await withSwiftConnection(table.address, table.password, effects, async (connection) => {
      const columns = await existingTable(connection, table, effects);
      if (columns === undefined) {
        return;
      }
      const facts = factsOf(ids);
      const server = await serverKind(connection);
      const both = [columns.source, columns.target];
      for (const column of both) {
        const problem =
          idProblem(column, facts) ??
          (isCollated(column) ? await collision(connection, ids, column.collation ?? '') : undefined);
        const name = `column ${column.name} (${column.type}) of ${table.table}`;
        if (problem !== undefined) {
          report.failure(`${name}: ${problem}`, modify(table.table, column, server), 'badData');
        } else if (isCollated(column)) {
          report.warning(
            `${name} has the collation ${column.collation}, which takes some ids for one, though none of the ${number(ids.length)} that were looked at`,
            modify(table.table, column, server),
          );
        } else if (column === both.at(-1)) {
          report.ok(`${number(ids.length)} ids of the views were looked at`);
        }
      }
    });
  } catch (error) {
    effects.signal.throwIfAborted();
    if (!(error instanceof ExpectedFailure)) {
      throw error;
    }
  }
};

/** Some ids of products, each once, as they are exported. */
async function idsOf(connection: Connection, views: MysqlViews): Promise<string[]> {
  const { productColumn } = await selectViews(connection, views, undefined);
  const name = escapeId(productColumn.name, true);
  const text = productColumn.kind === 'binary' ? `LOWER(HEX(${name}))` : `CONVERT(${name} USING utf8mb4)`;
  // As bytes: DISTINCT would go by the collation of the source.
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT DISTINCT CAST(${text} AS BINARY) AS id FROM (SELECT ${name} FROM ${escapeId(views.table, true)} LIMIT ${sampleViews}) AS some
     WHERE ${name} IS NOT NULL LIMIT ${sampleIds}`,
  );
  return rows.map((row) => String(row['id'])).filter((id) => id !== '');
}

function factsOf(ids: readonly string[]): IdFactsCollector {
  const facts = new IdFactsCollector();
  for (const id of ids) {
    const bytes = Buffer.from(id);
    facts.add(bytes, 0, bytes.length);
  }
  return facts;
}

/** The statement that gives a column a collation without equal ids; another type is for the owner of the table to choose. */
function modify(table: string, column: IdColumn, server: ServerKind): string {
  return column.kind === 'text'
    ? `ALTER TABLE ${escapeId(table, true)} MODIFY ${exactTextDdl(column, server)};`
    : `Give the column a type that holds the ids (ALTER TABLE ${escapeId(table, true)} MODIFY …).`;
}
