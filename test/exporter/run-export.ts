import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Effects } from '#dist/effects.js';
import { type ExportedViews, exportViews, type MysqlViews } from '#dist/exporter/export-views.js';
import type { OwnSchema } from '../mysql/own-schema.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Where the views are, unless a test says otherwise. */
export function viewsOf(schema: OwnSchema, changes: Partial<MysqlViews> = {}): MysqlViews {
  return {
    address: schema.address(),
    password: schema.password,
    table: 'views',
    pathColumn: 'path_id',
    productColumn: 'product_id',
    ...changes,
  };
}

/** Exports to a file of the test's own. `lines` are those of the file, the header first. */
export async function exported(
  views: MysqlViews,
  effects: Partial<Effects> = {},
): Promise<ExportedViews & { readonly bytes: Buffer; readonly lines: string[] }> {
  const file = path.join(temporaryFolder(), 'views.tsv');
  const result = await exportViews(views, file, effects);
  const bytes = readFileSync(file);
  return { ...result, bytes, lines: bytes.toString('utf8').split('\n').slice(0, -1) };
}
