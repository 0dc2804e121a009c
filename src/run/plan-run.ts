import path from 'node:path';
import type { Effects } from '../effects.ts';
import { columnsOf, planRelate, type RelateSettings } from '../engine/relate.ts';
import { exportSource, type Source } from '../exporter/export-source.ts';
import { withCatalogue } from '../exporter/with-catalogue.ts';
import type { FormatNumber } from '../report/format-rows.ts';
import { withTemporaryFolder } from '../storage/temporary-folder.ts';
import { RejectedRows } from '../tsv/rejected-rows.ts';
import { catalogueName } from './manifest.ts';

/**
 * What the relate stage of a run would take, as text. The views are exported for it, to a temporary file; no run is recorded and nothing is started.
 *
 * @param number how counts are written; default: in digits alone
 * @throws ExpectedFailure as the export does, and when the engine has no plan
 */
export async function planRun(
  options: RelateSettings & { readonly source: Source },
  effects: Effects,
  number?: FormatNumber,
): Promise<string> {
  const plan = async (folder: string): Promise<string> => {
    const views = path.join(folder, 'views.tsv.gz');
    const source = withCatalogue(options.source, options.products, path.join(folder, catalogueName));
    const rejected = new RejectedRows(undefined, effects);
    const { catalogue } = await exportSource(source, columnsOf(options), views, rejected, effects);
    return await planRelate(
      [views],
      { ...options, products: catalogue?.location ?? options.products },
      effects,
      number,
    );
  };
  return await withTemporaryFolder(plan, 'also-viewed', options.tempDir);
}
