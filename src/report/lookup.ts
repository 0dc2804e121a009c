import path from 'node:path';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { MysqlTable } from '../importer/import-table.ts';
import type { IdOrder } from '../relation/id-order.ts';
import type { Figure, Manifest } from '../run/manifest.ts';
import type { RunFolder } from '../run/runs.ts';
import { sourceFolderOf } from '../run/source-folder.ts';
import { inFolder } from '../storage/storage.ts';
import type { ViewSource } from '../tsv/read-views.ts';
import type { ViewColumns } from '../tsv/view-columns.ts';
import type { PathCountsFile } from './path-counts.ts';

/** Where relations and views are looked up. */
export interface LookupOptions {
  /** A relations file; default: the one of a run. */
  readonly relations?: string | undefined;
  /** A table of relations instead of a file. */
  readonly table?: MysqlTable | undefined;
  /** Views; default: those of the run. */
  readonly views?: string | undefined;
  /** Id of a run; default: the newest one of the work folder. */
  readonly run?: string | undefined;
  readonly work: string;
  readonly columns: ViewColumns;
  /** A table of product names; default: `products.tsv` beside the relations, the views, or the source of the run, if there is one. */
  readonly names?: string | undefined;
  /** Paths with more products do not count, as when the products were related; default: as in the run. */
  readonly maxPathProducts?: number | undefined;
}

/** What was found. */
export interface Lookup {
  /** `undefined` when views alone are asked for. */
  readonly relations: string | undefined;
  readonly views: ViewSource | undefined;
  /** The run, if it was looked for. */
  readonly run: RunFolder | undefined;
  /** Of the run, for the paths that count; `undefined` where other ones do, or it has no such file. */
  readonly pathCounts: PathCountsFile | undefined;
  /** How the run related, by the names of the options; empty without a run. */
  readonly parameters: Readonly<Record<string, Figure>>;
  readonly maxPathProducts: number;
  /** The order of ids in the run; `undefined` without one. */
  readonly order: IdOrder | undefined;
  /** Where `products.tsv` may be. */
  readonly folders: readonly string[];
}

/**
 * Finds what to look at: the files that are named, else those of a run.
 *
 * @param needsRun whether a run is looked for when no relations are named
 * @throws ExpectedFailure when there is no such run, and when relations are named twice
 */
export async function lookup(options: LookupOptions, needsRun: boolean, effects: Effects): Promise<Lookup> {
  if ([options.relations, options.table, options.run].filter((named) => named !== undefined).length > 1) {
    throw twoPlaces();
  }
  const found =
    needsRun && options.relations === undefined
      ? await (await import('../run/runs.ts')).findRun(options.work, options.run, effects)
      : undefined;
  const sourceFolder = found && sourceFolderOf(found);
  const parameters = found?.manifest.parameters ?? {};
  const text = (name: string): string | undefined =>
    parameters[name] === undefined ? undefined : String(parameters[name]);
  const ofRun = (name: string): string | undefined => (found === undefined ? undefined : inFolder(found.folder, name));
  const views =
    options.views === undefined
      ? // The copy of the run has the names of its own columns.
        { location: ofRun('views.tsv.gz'), path: text('path-column'), product: text('product-column') }
      : { location: options.views, path: undefined, product: undefined };
  const order = found?.manifest.stages.find(({ name }) => name === 'relate')?.counts['order'];
  const maxPathProducts = Number(parameters['max-path-products'] ?? Number.POSITIVE_INFINITY);
  const sameViews = options.views === undefined && (options.maxPathProducts ?? maxPathProducts) === maxPathProducts;
  const relations = options.relations ?? ofRun('relations.tsv.gz');
  return {
    relations,
    views:
      views.location === undefined
        ? undefined
        : {
            locations: [views.location],
            columns: { path: views.path ?? options.columns.path, product: views.product ?? options.columns.product },
          },
    run: found,
    pathCounts: found !== undefined && sameViews ? pathCountsOf(found.folder, found.manifest) : undefined,
    parameters,
    maxPathProducts: options.maxPathProducts ?? maxPathProducts,
    order: order === 'integer' || order === 'text' ? order : undefined,
    folders: [
      ...[relations, options.views]
        .filter((file) => file !== undefined)
        .filter((file) => file !== '-')
        .map((file) => path.dirname(file)),
      ...(sourceFolder === undefined ? [] : [sourceFolder]),
    ],
  };
}

/** What is told when relations are named twice. */
export function twoPlaces(): ExpectedFailure {
  return new ExpectedFailure('usage', 'Cannot take relations from two places', {
    remedy: 'Name a file with --relations, a run with --run, or a table with --target, and leave the others out.',
  });
}

function pathCountsOf(folder: string, { artefacts, stages }: Manifest): PathCountsFile | undefined {
  const { paths, leftOutPaths } = stages.find(({ name }) => name === 'relate')?.counts ?? {};
  const written = artefacts.some(({ name }) => name === 'path-counts.tsv');
  return written && typeof paths === 'number' && typeof leftOutPaths === 'number'
    ? { location: inFolder(folder, 'path-counts.tsv'), all: paths - leftOutPaths }
    : undefined;
}
