import { Readable } from 'node:stream';
import { escapeId, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, messageOf } from '../failure.ts';
import { readBytes } from '../storage/input.ts';
import type { CheckedRelations } from './check-relations.ts';
import type { RelationColumns } from './create-tables.ts';
import { unchanged } from './unchanged.ts';
import { wholeLists } from './whole-lists.ts';
import { attempts, isPassingLock, type Writer } from './writers.ts';

/** Bytes of a packet, below every `max_allowed_packet`: one that is too large breaks the connection. */
const maxPacketBytes = 256 << 10;

/**
 * Bytes that a writer takes at a time. Rows that follow each other fill pages best, and two writers of MySQL make each other wait where blocks of
 * 1 MiB meet: five million rows in 21 to 25 s, in 17.5 s with these, and no faster with larger ones. MariaDB does not mind.
 */
const blockBytes = 8 << 20;

/**
 * Whether a table can be filled by LOAD DATA LOCAL. MySQL does not take it unless it is told to. It also fills other columns that have no default
 * with an empty text or 0, without a warning, where INSERT refuses the row.
 */
export async function allowsLoading(
  { connection }: Writer,
  table: string,
  { source, target, weight }: RelationColumns,
): Promise<boolean> {
  const [[server]] = await connection.query<RowDataPacket[]>(
    `SELECT @@local_infile AS allowed, (SELECT COUNT(*) FROM information_schema.COLUMNS
       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ? AND COLUMN_NAME NOT IN (?)
       AND IS_NULLABLE = 'NO' AND COLUMN_DEFAULT IS NULL AND EXTRA NOT REGEXP 'auto_increment|generated') AS bare`,
    [table, [source.name, target.name, weight.name]],
  );
  return Number(server?.['allowed']) === 1 && Number(server?.['bare']) === 0;
}

/**
 * Loads a whole relations file into an empty table with LOAD DATA LOCAL. Every writer takes some lists in a transaction of its own, and all of
 * them are committed once all rows are there: after a failure the table is empty. Only a machine or a connection that dies between two
 * commits leaves a part, of whole lists, and the row of the run then says so.
 *
 * LOCAL means IGNORE: rows that do not fit are left out or clipped, with a warning. So anything but a row for each relation, without a
 * warning, is an error. Only `query` works (`execute` of mysql2 hangs), and only Buffers may be fed to it.
 *
 * @param record called in the first transaction that is committed, and in the last one
 * @throws ExpectedFailure `badData` with what the server says of the first row that it does not take as it is, and when the file changed since it
 *   was checked
 */
export async function loadRelations(
  writers: readonly [Writer, ...Writer[]],
  table: string,
  columns: RelationColumns,
  relations: CheckedRelations,
  record: (writer: Writer, state: 'publishing' | 'published') => Promise<void>,
  effects: Effects,
): Promise<void> {
  const [{ connection }] = writers;
  const [[server]] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS bytes');
  const packetBytes = Math.min(maxPacketBytes, Math.floor(Number(server?.['bytes']) / 2));
  const readBlocks = (): AsyncGenerator<Buffer> =>
    wholeLists(unchanged(relations, readBytes(relations.location, effects)), blockBytes);
  let blocks = readBlocks();
  const sql = loadStatement(table, columns);
  let bytes = 0;
  const taken = (packet: number): void => {
    bytes += packet;
    // Counting lines would take longer than this is worth.
    const done = Math.round((bytes / relations.bytes) * relations.relations);
    effects.progress({ stage: 'Publishing', done, total: relations.relations, unit: 'relations' });
  };
  let loaded = 0;
  let problem: string | undefined;
  const load = async (writer: Writer): Promise<void> => {
    const [result] = await writer.connection.query<ResultSetHeader>({
      sql,
      infileStreamFactory: () => Readable.from(packets(blocks, packetBytes, taken), { objectMode: false }),
    });
    loaded += result.affectedRows;
    if (result.warningStatus !== 0) {
      const [[warning]] = await writer.connection.query<RowDataPacket[]>('SHOW WARNINGS LIMIT 1');
      problem ??= String(warning?.['Message']);
    }
  };
  const again = async (error: unknown, attempt: number): Promise<void> => {
    effects.log.info(`Trying the load again, ${attempt} of ${attempts - 1} times: ${messageOf(error)}`, {
      code: errorCode(error),
    });
    await blocks.return(undefined);
    blocks = readBlocks();
    bytes = 0;
    loaded = 0;
    problem = undefined;
  };
  const checkComplete = (): void => {
    if (loaded !== relations.relations || problem !== undefined) {
      throw new ExpectedFailure(
        'badData',
        `Cannot publish to table ${table}: of ${effects.number(relations.relations)} relations it takes ${effects.number(loaded)} as they are${problem === undefined ? '' : `: ${problem}`}`,
        {
          remedy:
            'A type, a key to another table, a CHECK or a trigger refuses a row: change that rule, or leave the row out. Nothing was written.',
        },
      );
    }
  };
  try {
    await inTransactions(writers, load, again, checkComplete, record);
  } finally {
    await blocks.return(undefined);
  }
}

/**
 * Does `work` in a transaction of each writer at once; after `check` all are committed, the first one's last, or all are taken back.
 *
 * @param again called before all of it is done again, when a writer lost a deadlock or waited too long for a lock
 */
async function inTransactions(
  [first, ...others]: readonly [Writer, ...Writer[]],
  work: (writer: Writer) => Promise<void>,
  again: (error: unknown, attempt: number) => Promise<void>,
  check: () => void,
  record: (writer: Writer, state: 'publishing' | 'published') => Promise<void>,
): Promise<void> {
  const all = [first, ...others];
  const rollback = async (): Promise<void> => {
    for (const writer of all) {
      await writer.connection.query('ROLLBACK').catch(() => {});
    }
  };
  for (let attempt = 1; ; attempt++) {
    const outcomes = await Promise.allSettled(
      all.map(async (writer) => {
        await writer.connection.query('START TRANSACTION');
        await work(writer);
      }),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed === undefined) {
      break;
    }
    await rollback();
    if (attempt === attempts || !isPassingLock(failed.reason)) {
      throw failed.reason;
    }
    await again(failed.reason, attempt);
  }
  try {
    check();
    for (const writer of others) {
      await record(writer, 'publishing');
      await writer.commit();
    }
    await record(first, 'published');
    await first.commit();
  } catch (error) {
    await rollback();
    throw error;
  }
}

/** @param taken told the bytes of each packet that was taken */
async function* packets(
  blocks: AsyncGenerator<Buffer>,
  bytes: number,
  taken: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  for (let block = await blocks.next(); block.done !== true; block = await blocks.next()) {
    for (let from = 0; from < block.value.length; from += bytes) {
      const packet = block.value.subarray(from, from + bytes);
      yield packet;
      taken(packet.length);
    }
  }
}

function loadStatement(table: string, { source, target, weight }: RelationColumns): string {
  const ids = [source, target];
  const fields = [
    ...ids.map(({ kind, name }, at) => (kind === 'binary' ? `@id${at}` : escapeId(name, true))),
    escapeId(weight.name, true),
  ];
  const sets = ids.flatMap(({ kind, name }, at) =>
    kind === 'binary' ? [`${escapeId(name, true)} = UNHEX(@id${at})`] : [],
  );
  return [
    `LOAD DATA LOCAL INFILE 'relations.tsv' INTO TABLE ${escapeId(table, true)} CHARACTER SET utf8mb4`,
    String.raw`FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n' (${fields.join(', ')})`,
    ...(sets.length === 0 ? [] : [`SET ${sets.join(', ')}`]),
  ].join(' ');
}
