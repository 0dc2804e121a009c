import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Real views, beside the repository: 541,909 rows, 25,900 paths, 4,070 products. */
export const onlineRetail: string = fileURLToPath(new URL('../../shared/data/online_retail.tsv.gz', import.meta.url));

/** Digest of its relations, whatever engine, thread count or row order made them. */
export const onlineRetailSha256 = '4eb1640b832c25aaf27efd1bd36addfda300eae8b34be436c90cd8953ffd4ed2';

/** Their header and every seventh of their rows; all are ASCII. */
export function seventhOfOnlineRetail(): { readonly header: string; readonly rows: readonly string[] } {
  const [header = '', ...rows] = gunzipSync(readFileSync(onlineRetail)).toString('latin1').trimEnd().split('\n');
  return { header, rows: rows.filter((_, at) => at % 7 === 0) };
}
