import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { inFolder } from '../../storage/storage.ts';
import type { ViewSource } from '../../tsv/read-views.ts';
import { RejectedRows } from '../../tsv/rejected-rows.ts';
import type { DiffSide } from '../diff.ts';
import { type Lookup, type LookupOptions, lookup } from '../lookup.ts';
import { type Names, readNames } from '../names.ts';
import { readViewedPaths, type ViewedPaths } from '../viewed-paths.ts';
import { type ChangesAgainst, changesAgainst } from './changes-against.ts';
import { type PathFigures, pathFigures } from './path-figures.ts';
import { type RejectedFigures, rejectedBefore, rejectedNow } from './rejected-figures.ts';
import { type RelationLists, readRelationLists } from './relation-lists.ts';
import { type ShopProduct, shopProducts } from './shop-products.ts';

/** What a report is about. */
export interface ReportSubject extends Omit<LookupOptions, 'table'> {
  /** Earlier relations: what changed since is reported. */
  readonly against?: { readonly name: string; readonly side: DiffSide } | undefined;
}

/** All that the page tells. */
export interface ShopReport {
  readonly found: Lookup;
  /** The relations file. */
  readonly location: string;
  readonly lists: RelationLists;
  readonly names: Names;
  readonly products: readonly ShopProduct[];
  readonly minWeight: number;
  /** `undefined` without views, like the paths that count. */
  readonly paths: PathFigures | undefined;
  readonly viewedPaths: number | undefined;
  /** Rows of the views that were none; `undefined` without views. */
  readonly rejected: RejectedFigures | undefined;
  readonly changes: (ChangesAgainst & { readonly name: string }) | undefined;
}

/**
 * Reads the relations and the views, each once.
 *
 * Memory: the distinct views as `ViewedPaths` has them, the lists as `RelationLists` has them, and some 200 bytes a product.
 *
 * @throws ExpectedFailure when there is no such run, and when a file cannot be read
 */
export async function gather(subject: ReportSubject, effects: Effects): Promise<ShopReport> {
  const found = await lookup(subject, true, effects);
  const { relations: location = '', parameters, folders, run } = found;
  const lists = await readRelationLists(location, effects);
  const minWeight = Number(parameters['min-weight'] ?? Math.max(1, lists.leastWeight));
  const recorded = run?.manifest.artefacts.find(({ name }) => name === 'relations.tsv.gz')?.sha256;
  if (recorded !== undefined && recorded !== lists.sha256) {
    throw new ExpectedFailure('badData', `Cannot report on ${location}: it is not what the manifest of its run says`, {
      remedy: 'Relate again with `also-viewed run`.',
    });
  }
  const read = found.views === undefined ? undefined : await readPaths(found.views, found, effects);
  if (read !== undefined) {
    warnOfOtherViews(location, lists, read.viewed, effects);
  }
  const names = await readNames(subject.names, folders, subject.columns.product, effects);
  const next: DiffSide = { kind: 'file', location };
  return {
    found,
    location,
    lists,
    names,
    minWeight,
    products: shopProducts(lists, read?.viewed, names, minWeight),
    paths: read === undefined ? undefined : pathFigures(read.viewed, found.maxPathProducts),
    viewedPaths: read?.viewed.all,
    rejected: read?.rejected,
    changes:
      subject.against === undefined
        ? undefined
        : { name: subject.against.name, ...(await changesAgainst(subject.against.side, next, effects)) },
  };
}

function warnOfOtherViews(location: string, lists: RelationLists, viewed: ViewedPaths, effects: Effects): void {
  const absent = lists.ids().filter((id) => viewed.find(id) === -1).length;
  if (absent > 0) {
    effects.log.warn(
      `The views lack ${absent} of ${lists.products.size} products in ${location}: they are not those that were related`,
    );
  }
}

/** The views and their rejected rows: those of a run were rejected when it exported or related them. */
async function readPaths(
  views: ViewSource,
  { maxPathProducts, run }: Lookup,
  effects: Effects,
): Promise<{ viewed: ViewedPaths; rejected: RejectedFigures }> {
  const rows = new RejectedRows(undefined, effects);
  const viewed = await readViewedPaths(views, maxPathProducts, effects, rows);
  const listed = run?.manifest.artefacts.some(({ name }) => name === 'rejected.tsv');
  return {
    viewed,
    rejected:
      run !== undefined && listed && rows.count === 0
        ? await rejectedBefore(inFolder(run.folder, 'rejected.tsv'), effects)
        : rejectedNow(rows),
  };
}
