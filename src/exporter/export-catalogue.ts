import type { Connection, FieldPacket, RowDataPacket, TypeCast } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { mysqlFailure } from '../mysql/mysql-failure.ts';
import { type Artefact, writeFile } from '../storage/output.ts';
import { escapeId } from '../tsv/escapes.ts';
import { type RejectReason, rejectReasonOf } from '../tsv/id-rules.ts';
import { tooManyRejected } from '../tsv/rejected-rows.ts';

/** The only products that may appear as targets, as a query gives them. */
export interface CatalogueQuery {
  /** Its first column is the id. */
  readonly sql: string;
  /** Where the ids go. */
  readonly out: string;
}

/** @see https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const integerTypes: ReadonlySet<unknown> = new Set([1, 2, 3, 8, 9]);
/** VARCHAR, the four sizes of BLOB and TEXT, VAR_STRING and STRING. */
const stringTypes: ReadonlySet<unknown> = new Set([15, 249, 250, 251, 252, 253, 254]);
const binaryCharacterSet = 63;

/**
 * Writes the ids that a query gives as TSV: a header of the column's name, then each id once, in order, so that the same catalogue has the
 * same digest. An id looks as it does in the views: integers without the zeros of ZEROFILL, binary ids in lower-case hex.
 *
 * Rows whose id is NULL are left out, and so are ids that no view can have. All ids are in memory, as when they are used.
 *
 * @param column the name of the column
 * @param where the server, for messages
 * @throws ExpectedFailure when the server refuses the query; `badData` when it gives no product, or too many that cannot be one
 */
export async function exportCatalogue(
  connection: Connection,
  { sql, out }: CatalogueQuery,
  column: string,
  where: string,
  effects: Effects,
): Promise<Artefact> {
  const { rows, toId } = await ask(connection, sql, where);
  const known = new Set<string>();
  let nulls = 0;
  const reasons: RejectReason[] = [];
  for (const [value] of rows) {
    if (typeof value !== 'string') {
      nulls++;
      continue;
    }
    const id = toId(Buffer.from(value, 'latin1'));
    const reason = rejectReasonOf(id, 0, id.length);
    if (reason === undefined) {
      known.add(id.toString());
    } else {
      reasons.push(reason);
    }
  }
  const bad = `${effects.number(reasons.length)} of its ${effects.number(rows.length)} ids can be in no view (${reasons[0]})`;
  if (known.size === 0 || tooManyRejected(reasons.length, rows.length)) {
    const why = known.size > 0 || reasons.length > 0 ? bad : `it has no product${nulls > 0 ? ', only NULL' : ''}`;
    throw new ExpectedFailure('badData', `Cannot use the catalogue that the query of --products gives: ${why}`, {
      remedy: 'Let its first column be the id of a product: no other product may be a target.',
    });
  }
  if (reasons.length > 0) {
    effects.log.warn(`The catalogue is used without those ids: ${bad}`);
  }
  if (nulls > 0) {
    effects.log.info(
      `The catalogue is used without ${effects.number(nulls)} of its ${effects.number(rows.length)} rows: their id is NULL`,
    );
  }
  const lines = [column, ...[...known].sort()].map((id) => `${escapeId(id)}\n`);
  const { artefact } = await writeFile(out, effects, (output) =>
    output.write(Buffer.from(lines.join('')), lines.length),
  );
  return artefact;
}

interface Answer {
  /** What is not NULL is a string of the server's bytes, one a character: a million ids took some 500 MB as Buffers, 120 so. */
  readonly rows: readonly (readonly unknown[])[];
  /** What the bytes of a value in the first column are as an id. */
  readonly toId: (value: Buffer) => Buffer;
}

async function ask(connection: Connection, sql: string, where: string): Promise<Answer> {
  const cannot = `Cannot ask ${where} the query of --products`;
  const typeCast: TypeCast = (value) => value.string('latin1');
  const [rows, fields] = await connection
    .query<RowDataPacket[][]>({ sql, rowsAsArray: true, typeCast })
    .catch((error: unknown) => {
      throw mysqlFailure(cannot, error);
    });
  const field = Array.isArray(rows) ? fields[0] : undefined;
  if (field === undefined) {
    throw new ExpectedFailure('configuration', `${cannot}: it has no result`, {
      remedy: 'Write a SELECT whose first column is the id of a product.',
    });
  }
  return { rows, toId: formOf(field) };
}

/** Numbers come as text, and so do times. */
function formOf({ columnType, characterSet }: FieldPacket): (value: Buffer) => Buffer {
  if (integerTypes.has(columnType)) {
    return (value) => Buffer.from(value.toString().replace(/^0+(?=\d)/, ''));
  }
  return stringTypes.has(columnType) && characterSet === binaryCharacterSet
    ? (value) => Buffer.from(value.toString('hex'))
    : (value) => value;
}
