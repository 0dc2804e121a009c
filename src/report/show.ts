import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import { findRun } from '../run/runs.ts';
import { inFolder } from '../storage/storage.ts';
import { readViews } from '../tsv/read-views.ts';
import { RejectedRows } from '../tsv/rejected-rows.ts';
import { readRelations } from '../tsv/relation-rows.ts';
import { readSmallTable } from '../tsv/small-table.ts';
import type { ViewColumns } from '../tsv/view-parser.ts';

/** Which lists to show, and from where. */
export interface ShowOptions {
  readonly products: readonly string[];
  /** A relations file; default: the one of a run. */
  readonly relations?: string | undefined;
  /** Views, for the share of a product's paths; default: those of the run. */
  readonly views?: string | undefined;
  /** Id of a run; default: the newest one of the work folder. */
  readonly run?: string | undefined;
  readonly work: string;
  /** A table of product names. */
  readonly names?: string | undefined;
  /** Targets of each list, by weight descending, then in the order of the file. */
  readonly top: number;
  readonly columns: ViewColumns;
}

/** One line of a list. */
export interface ShownTarget {
  readonly product: string;
  readonly name: string | undefined;
  readonly weight: number;
  /** Share of the source's paths that contain the target too, 0 to 1; `undefined` without views. */
  readonly share: number | undefined;
}

export interface ShownList {
  readonly product: string;
  readonly name: string | undefined;
  /** Distinct paths that contain the product; `undefined` without views. */
  readonly paths: number | undefined;
  /** Targets in all, and the first of them. */
  readonly relations: number;
  readonly targets: readonly ShownTarget[];
}

/**
 * The lists of some products, from a relations file or a run.
 *
 * @throws ExpectedFailure when there is no run, or a file cannot be read
 */
export async function show(options: ShowOptions, given: Partial<Effects> = {}): Promise<ShownList[]> {
  const effects = defaultEffects(given);
  const folder =
    options.relations === undefined ? (await findRun(options.work, options.run, effects)).folder : undefined;
  const relations = options.relations ?? inFolder(folder ?? '', 'relations.tsv.gz');
  const views = options.views ?? (folder === undefined ? undefined : inFolder(folder, 'views.tsv.gz'));
  const names =
    options.names === undefined
      ? undefined
      : new Map(
          (await readSmallTable(options.names, [options.columns.product, 'name'], effects)).map(
            ([id = '', name = '']) => [id, name],
          ),
        );
  const rows = await rowsOf(options.products, relations, effects);
  const paths = views === undefined ? undefined : await countPaths(options.products, views, options.columns, effects);
  return options.products.map((product) => {
    const row = rows.get(product) ?? [];
    const count = paths?.get(product);
    return {
      product,
      name: names?.get(product),
      paths: count,
      relations: row.length,
      // Array.sort is stable: equal weights stay in the order of the file, which is that of the targets.
      targets: row
        .sort((a, b) => b.weight - a.weight)
        .slice(0, options.top)
        .map(({ target, weight }) => ({
          product: target,
          name: names?.get(target),
          weight,
          share: count ? weight / count : undefined,
        })),
    };
  });
}

async function rowsOf(
  products: readonly string[],
  relations: string,
  effects: Effects,
): Promise<Map<string, { target: string; weight: number }[]>> {
  const rows = new Map(products.map((product): [string, { target: string; weight: number }[]] => [product, []]));
  for await (const batch of readRelations(relations, effects)) {
    for (let from = 0; from < batch.length; from = batch.listEnd(from)) {
      const list = rows.get(batch.source(from));
      for (let at = from; list !== undefined && at < batch.listEnd(from); at++) {
        list.push({ target: batch.target(at), weight: batch.weights[at]! });
      }
    }
  }
  return rows;
}

/** Distinct paths of each product. */
async function countPaths(
  products: readonly string[],
  views: string,
  columns: ViewColumns,
  effects: Effects,
): Promise<Map<string, number>> {
  const paths = new Map(products.map((product) => [product, new Set<string>()]));
  const text = (bytes: Uint8Array, start: number, end: number): string =>
    Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  const view = (bytes: Uint8Array, pathStart: number, pathEnd: number, start: number, end: number): void => {
    paths.get(text(bytes, start, end))?.add(text(bytes, pathStart, pathEnd));
  };
  await readViews({ locations: [views], columns }, { view }, new RejectedRows(undefined, effects), effects);
  return new Map([...paths].map(([product, set]) => [product, set.size]));
}
