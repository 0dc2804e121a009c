import { Readable } from 'node:stream';
import { escapeId, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode } from '../failure.ts';
import { readBytes } from '../storage/input.ts';
import type { CheckedRelations } from './check-relations.ts';
import type { IdColumn, RelationColumns } from './create-tables.ts';
import type { Writer } from './writers.ts';

/** Bytes of a packet, below every `max_allowed_packet`: one that is too large breaks the connection. */
const maxPacketBytes = 256 << 10;

/** Errors that say that the server, or the client in its eyes, does not do this. */
const refusals: readonly (string | undefined)[] = [
  'ER_NOT_ALLOWED_COMMAND',
  'ER_CLIENT_LOCAL_FILES_DISABLED',
  'ER_LOAD_INFILE_CAPABILITY_DISABLED',
];

/**
 * Loads a whole relations file into an empty table with LOAD DATA LOCAL, inside the caller's transaction.
 *
 * LOCAL means IGNORE: rows that do not fit are left out or clipped, with a warning. So anything but a row for each relation, without a
 * warning, is an error. Only `query` works (`execute` of mysql2 hangs), and only Buffers may be fed to it.
 *
 * @returns false, with nothing written, when the server allows no LOAD DATA LOCAL
 * @throws ExpectedFailure `badData` when the table is not equal to the file afterwards; the caller rolls back
 */
export async function loadRelations(
  { connection }: Writer,
  table: string,
  columns: RelationColumns,
  relations: CheckedRelations,
  effects: Effects,
): Promise<boolean> {
  const [[server]] = await connection.query<RowDataPacket[]>(
    'SELECT @@local_infile AS allowed, @@max_allowed_packet AS bytes',
  );
  if (Number(server?.['allowed']) !== 1) {
    return false;
  }
  const packetBytes = Math.min(maxPacketBytes, Math.floor(Number(server?.['bytes']) / 2));
  let result: ResultSetHeader;
  try {
    [result] = await connection.query<ResultSetHeader>({
      sql: loadStatement(table, columns),
      infileStreamFactory: () =>
        Readable.from(packets(relations.location, packetBytes, effects), { objectMode: false }),
    });
  } catch (error) {
    if (refusals.includes(errorCode(error))) {
      return false;
    }
    throw error;
  }
  if (result.affectedRows !== relations.relations || result.warningStatus !== 0) {
    const [[warning]] = await connection.query<RowDataPacket[]>('SHOW WARNINGS LIMIT 1');
    const reason = String(warning?.['Message'] ?? 'no reason is known');
    throw new ExpectedFailure(
      'badData',
      `Cannot publish to table ${table}: of ${relations.relations} relations it takes ${result.affectedRows} as they are: ${reason}`,
      {
        remedy:
          'A type, a key to another table, a CHECK or a trigger refuses a row: change that rule, or leave the row out. Nothing was written.',
      },
    );
  }
  return true;
}

async function* packets(location: string, bytes: number, effects: Effects): AsyncGenerator<Buffer> {
  for await (const chunk of readBytes(location, effects)) {
    for (let from = 0; from < chunk.length; from += bytes) {
      yield chunk.subarray(from, from + bytes);
    }
  }
}

function loadStatement(table: string, { source, target, weight }: RelationColumns): string {
  const ids = [source, target];
  const fields = [
    ...ids.map(({ kind, name }, at) => (kind === 'binary' ? `@id${at}` : escapeId(name, true))),
    escapeId(weight.name, true),
  ];
  const sets = ids.flatMap((id: IdColumn, at) =>
    id.kind === 'binary' ? [`${escapeId(id.name, true)} = UNHEX(@id${at})`] : [],
  );
  return [
    `LOAD DATA LOCAL INFILE 'relations.tsv' INTO TABLE ${escapeId(table, true)} CHARACTER SET utf8mb4`,
    String.raw`FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (${fields.join(', ')})`,
    ...(sets.length === 0 ? [] : [`SET ${sets.join(', ')}`]),
  ].join(' ');
}
