import type { Connection, RowDataPacket } from 'mysql2/promise';
import { misfit } from './check-fit.ts';
import type { CheckedRelations } from './check-relations.ts';
import { charsetOf, type RelationColumns } from './create-tables.ts';

/** Character sets that hold all of Unicode. */
const whole: readonly string[] = ['utf8mb4', 'utf16', 'utf16le', 'utf32', 'gb18030'];

/** Characters that one statement asks about: at most 32 KB, far below any `max_allowed_packet`. */
const batchCharacters = 8_000;

/**
 * Asks the server whether the character sets of the id columns hold every character of the ids and give it back as it was. Some have
 * letters in the place of ASCII (swe7), some take two characters for one, and the server alone knows its tables.
 *
 * @throws ExpectedFailure `badData` with the first character that would be lost
 */
export async function checkCharacters(
  connection: Connection,
  relations: CheckedRelations,
  table: string,
  { source, target }: RelationColumns,
): Promise<void> {
  for (const column of [source, target]) {
    const charset = charsetOf(column.collation ?? whole[0]!);
    const lost = whole.includes(charset)
      ? undefined
      : await lostCharacter(connection, relations.ids.characters, charset);
    if (lost !== undefined) {
      const name = JSON.stringify(lost);
      throw misfit(
        relations,
        table,
        column,
        `the ids have the character ${name}, which its character set ${charset} lacks`,
      );
    }
  }
}

async function lostCharacter(
  connection: Connection,
  characters: readonly string[],
  charset: string,
): Promise<string | undefined> {
  for (let from = 0; from < characters.length; from += batchCharacters) {
    const asked = characters.slice(from, from + batchCharacters);
    // What cannot be converted comes back as a question mark, so that each character keeps its place.
    const [[row]] = await connection.query<RowDataPacket[]>(
      `SELECT CONVERT(CONVERT(? USING ${charset}) USING utf8mb4) AS back`,
      [asked.join('')],
    );
    const back = [...String(row?.['back'])];
    const lost = asked.find((character, at) => back[at] !== character);
    if (lost !== undefined) {
      return lost;
    }
  }
  return undefined;
}
