import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { Target } from '../../importer/import-relations.ts';
import type { ScoreName } from '../../relation/scores.ts';
import { isRereadable } from '../../storage/is-rereadable.ts';
import { outputAmong } from '../../storage/output-among.ts';
import { inFolder } from '../../storage/storage.ts';
import { listViews } from '../../tsv/list-views.ts';
import type { ViewSource } from '../../tsv/read-views.ts';
import { RejectedRows } from '../../tsv/rejected-rows.ts';
import { withStep } from '../../with-step.ts';
import type { DiffSide } from '../diff.ts';
import { listScore, warnOfOthers } from '../list-score.ts';
import { type Lookup, type LookupOptions, lookup } from '../lookup.ts';
import { findNames, type Names, namesFiles } from '../names.ts';
import { ViewedPair } from '../viewed-pair.ts';
import { readViewedPaths, type ViewedPaths } from '../viewed-paths.ts';
import { type ChangesAgainst, changesAgainst } from './changes-against.ts';
import { cutText } from './cut-text.ts';
import { type PathFigures, pathFigures } from './path-figures.ts';
import { readRelationLists } from './read-relation-lists.ts';
import { type RejectedFigures, rejectedBefore, rejectedNow } from './rejected-figures.ts';
import type { RelationLists } from './relation-lists.ts';
import { type ShopProduct, shopProducts } from './shop-products.ts';
import { tableUri } from './table-uri.ts';

/** Characters of a name that the page has: a paragraph in its place would take the room of the lists. */
const longestName = 200;

/** What a report is about. */
export interface ReportOptions extends LookupOptions {
  /** What orders the lists; default: what the run kept them by, else the weight. Every other score needs views. */
  readonly score?: ScoreName | undefined;
  /** Earlier relations: what changed since is reported. */
  readonly against?: { readonly name: string; readonly side: DiffSide } | undefined;
  /** Where the page goes; default: `report.html` in the folder of the run, or in the current one for a relations file. */
  readonly out?: string | undefined;
}

/** All that the page tells. */
export interface ShopReport {
  readonly found: Lookup;
  readonly relations: Target;
  /** Where the relations are, in words. */
  readonly location: string;
  /** Where the page goes. */
  readonly out: string;
  /** The work folder. */
  readonly work: string;
  readonly lists: RelationLists;
  /** What orders the lists. */
  readonly score: ScoreName;
  readonly names: Names;
  /** The file of the names; `undefined` where there is none. */
  readonly namesLocation: string | undefined;
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
 * Reads the relations and the views, each once, and the relations once more to tell what changed.
 *
 * Memory: the distinct views as `ViewedPaths` has them, the lists as `RelationLists` has them, and some 200 bytes a product.
 *
 * @throws ExpectedFailure when there is no such run, when something cannot be read, when a score is asked for without the views that it needs,
 *   when relations from a pipe are to be compared, and when the page would replace what it is made from
 */
export async function gather(subject: ReportOptions, effects: Effects): Promise<ShopReport> {
  const { table } = subject;
  const found = await lookup(subject, table === undefined, effects);
  const { parameters, folders, run } = found;
  const relations: Target =
    table === undefined ? { kind: 'file', location: found.relations ?? '' } : { kind: 'table', table };
  const location = relations.kind === 'file' ? relations.location : tableUri(relations.table.address);
  const out = subject.out ?? (run === undefined ? 'report.html' : inFolder(run.folder, 'report.html'));
  await refuseWhatIsRead(out, subject, found, effects);
  const score = listScore(subject.score, found);
  if (subject.against !== undefined && relations.kind === 'file' && !(await isRereadable(location, effects))) {
    throw new ExpectedFailure('usage', `Cannot tell what changed in ${location}: it can be read only once`, {
      remedy: 'Write the relations to a file, and name that.',
    });
  }
  const rejectedFile = subject.views === undefined ? rejectedIn(found) : undefined;
  const read = found.views === undefined ? undefined : await readPaths(found.views, found, rejectedFile, effects);
  const lists = await readRelationLists(relations, score, read?.viewed, effects);
  const minWeight = Number(parameters['min-weight'] ?? Math.max(1, lists.leastWeight));
  const recorded = run?.manifest.artefacts.find(({ name }) => name === 'relations.tsv.gz')?.sha256;
  if (recorded !== undefined && recorded !== lists.sha256) {
    throw new ExpectedFailure('badData', `Cannot report on ${location}: it is not what the manifest of its run says`, {
      remedy: 'Relate again with `also-viewed run`.',
    });
  }
  const named = await findNames(subject.names, folders, subject.columns.product, effects);
  const names = shortened(named.texts);
  const known = lists.products.size;
  const look = shopProducts(lists, read?.viewed, names, minWeight);
  const products = await withStep('Looking at the products', known, 'products', effects, look);
  const paths = read === undefined ? undefined : pathFigures(read.viewed, found.maxPathProducts);
  if (read !== undefined) {
    warnOfOtherViews(location, lists, products, read.viewed, effects);
  }
  return {
    found,
    relations,
    location,
    out,
    work: subject.work,
    lists,
    score,
    names,
    namesLocation: named.location,
    minWeight,
    products,
    paths,
    viewedPaths: read?.viewed.all,
    rejected: read?.rejected,
    changes:
      subject.against === undefined
        ? undefined
        : { name: subject.against.name, ...(await changesAgainst(subject.against.side, relations, effects)) },
  };
}

/** @throws ExpectedFailure `usage` when the page would replace what it is made from */
async function refuseWhatIsRead(
  out: string,
  { against, names }: ReportOptions,
  { relations, views, folders }: Lookup,
  effects: Effects,
): Promise<void> {
  const files = [
    relations,
    against?.side.kind === 'file' ? against.side.location : undefined,
    ...(names === undefined ? namesFiles(folders) : [names]),
    ...(views === undefined ? [] : await listViews(views.locations, [], effects)),
  ].filter((file) => file !== undefined);
  if ((await outputAmong(files, [out], effects)) !== undefined) {
    throw new ExpectedFailure('usage', `Cannot write the page to ${out}: it is made from what is there`, {
      remedy: 'Name another file with --out.',
    });
  }
}

function shortened(names: Names): Names {
  return new Map(Array.from(names, ([id, name]) => [id, cutText(name, longestName)]));
}

/** @param products those in most paths first */
function warnOfOtherViews(
  location: string,
  lists: RelationLists,
  products: readonly ShopProduct[],
  viewed: ViewedPaths,
  effects: Effects,
): void {
  const ids = lists.ids();
  const absent = ids.filter((id) => viewed.find(id) === -1).length;
  if (absent > 0) {
    effects.log.warn(
      `The views lack ${effects.number(absent)} of ${effects.number(lists.products.size)} products in ${location}: they are not those that were related`,
    );
    return;
  }
  const most = products.find(({ targets }) => targets > 0);
  if (most !== undefined) {
    const list = lists.list(most.number).map(({ target, weight }) => ({ target: ids[target]!, weight }));
    const both = (source: string, target: string): number =>
      new ViewedPair(viewed, viewed.find(source), viewed.find(target)).weight;
    warnOfOthers(most.id, list, both, effects);
  }
}

/** The rows that a run rejected when it exported or related its views. */
function rejectedIn({ run }: Lookup): string | undefined {
  const listed = run?.manifest.artefacts.some(({ name }) => name === 'rejected.tsv');
  return run !== undefined && listed ? inFolder(run.folder, 'rejected.tsv') : undefined;
}

/** @param rejectedFile rows that were rejected before these views */
async function readPaths(
  views: ViewSource,
  { maxPathProducts }: Lookup,
  rejectedFile: string | undefined,
  effects: Effects,
): Promise<{ viewed: ViewedPaths; rejected: RejectedFigures }> {
  const rows = new RejectedRows(undefined, effects);
  const viewed = await readViewedPaths(views, maxPathProducts, effects, rows);
  return {
    viewed,
    rejected:
      rejectedFile !== undefined && rows.count === 0 ? await rejectedBefore(rejectedFile, effects) : rejectedNow(rows),
  };
}
