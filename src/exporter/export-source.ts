import type { Effects } from '../effects.ts';
import type { Column } from '../mysql/columns.ts';
import type { Artefact } from '../storage/output.ts';
import type { RejectedRows } from '../tsv/rejected-rows.ts';
import type { ViewColumns } from '../tsv/view-columns.ts';
import { exportFiles } from './export-files.ts';
import { exportViews, type MysqlViews } from './export-views.ts';

/** Where views come from: a database, or files in any form that `relate` reads. */
export type Source =
  | { readonly kind: 'table'; readonly views: MysqlViews }
  | { readonly kind: 'files'; readonly locations: readonly string[] };

export interface Exported {
  readonly artefact: Artefact;
  /** Views written. */
  readonly rows: number;
  /** Rows of a table left out because one of their ids is NULL. */
  readonly nulls: number;
  /** The table's column of the product. */
  readonly product: Column | undefined;
  /** The catalogue, where a query gave it. */
  readonly catalogue: Artefact | undefined;
}

/**
 * Writes the views of a source to one TSV with a header.
 *
 * @param rejected takes the bad rows of files; its file is finished also when there are too many of them
 * @param others what else is to be written
 * @throws ExpectedFailure when the source cannot be read to its end or has one of the outputs in it; nothing is left at `out` then
 */
export async function exportSource(
  source: Source,
  columns: ViewColumns,
  out: string,
  rejected: RejectedRows,
  effects: Effects,
  others: readonly string[] = [],
): Promise<Exported> {
  if (source.kind === 'table') {
    return await exportViews(source.views, out, effects);
  }
  try {
    const { artefact, read, rows } = await exportFiles(
      { locations: source.locations, columns, outputs: [out, ...others] },
      out,
      rejected,
      effects,
    );
    await rejected.settle();
    rejected.report(read);
    return { artefact, rows, nulls: 0, product: undefined, catalogue: undefined };
  } catch (error) {
    await rejected.settle(error);
    throw error;
  }
}
