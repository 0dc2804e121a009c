import { inspect } from 'node:util';
import {
  type Connection,
  escapeId,
  type Pool,
  type PoolConnection,
  type Raw,
  type RowDataPacket,
  raw,
} from 'mysql2/promise';
import { errorCode } from '../failure.ts';

export interface RelatedProductsOptions {
  /** Length of the list; default 10. */
  readonly limit?: number | undefined;
  /** Names of the table and its columns; default those that the job creates. */
  readonly table?: string | undefined;
  readonly sourceColumn?: string | undefined;
  readonly targetColumn?: string | undefined;
  readonly weightColumn?: string | undefined;
}

export interface RelatedProduct {
  /** The product's id; one of a binary column in lower-case hex. */
  readonly product: string;
  /** Distinct paths that contain both products. */
  readonly weight: number;
}

/** What MariaDB and MySQL say of a text with characters that the character set of the column lacks: no id has them. */
const lacksCharacters = ['ER_CANT_AGGREGATE_2COLLATIONS', 'ER_CANNOT_CONVERT_STRING'];

/** The storefront's query of docs/storefront.md; its values are the product and the length of the list. */
export function relatedProductsSql(options: RelatedProductsOptions): string {
  const name = (given: string | undefined, usual: string): string => escapeId(given ?? usual, true);
  const target = name(options.targetColumn, 'target_product_id');
  const weight = name(options.weightColumn, 'weight');
  return `SELECT ${target}, ${weight} FROM ${name(options.table, 'related_products')}
      WHERE ${name(options.sourceColumn, 'source_product_id')} = ? ORDER BY ${weight} DESC, ${target} LIMIT ?`;
}

/**
 * The products that people who viewed a product also viewed: the storefront's query of docs/storefront.md, answered from one index.
 *
 * @param connection a connection or a pool of mysql2/promise
 * @param id the product: text or a number, a bigint or text beyond 2^53, whichever of these its column holds; a Buffer for a binary column.
 *   A column of integers takes text for the number that it begins with, `12abc` for 12, and for 0 without one
 * @returns the heaviest first; none when the product has no relations
 * @throws RangeError for a limit that is no whole number, such as text from an address; what the connection throws
 */
export async function relatedProducts(
  connection: Connection | Pool | PoolConnection,
  id: string | number | bigint | Buffer,
  options: RelatedProductsOptions = {},
): Promise<RelatedProduct[]> {
  const { limit = 10 } = options;
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new RangeError(`The limit of a list is a whole number from 0 on, not ${inspect(limit)}`);
  }
  const query = connection.query<RowDataPacket[][]>({
    sql: relatedProductsSql(options),
    // A column of text would be compared with a number as a number: `1`, `01` and `1a` for one product, and every row looked at.
    values: [Buffer.isBuffer(id) ? id : textLiteral(String(id)), limit],
    rowsAsArray: true,
    // Whatever the connection does with the values of other queries.
    nestTables: false,
    typeCast: true,
    // Ids beyond 2^53 would lose their last digits as numbers.
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  const [rows] = await query.catch((error: unknown) => {
    if (lacksCharacters.includes(errorCode(error) ?? '')) {
      return [[]];
    }
    throw error;
  });
  return rows.map(([product, count]) => ({
    product: Buffer.isBuffer(product) ? product.toString('hex') : String(product),
    weight: Number(count),
  }));
}

/** In hex, which needs no escapes: mysql2 makes them of backslashes, which a session with NO_BACKSLASH_ESCAPES takes for characters. */
function textLiteral(text: string): Raw {
  return raw(`_utf8mb4 X'${Buffer.from(text).toString('hex')}'`);
}
