import { gzipSync } from 'node:zlib';
import type { Steps } from '../../in-turns.ts';
import type { ShopReport } from './gather.ts';
import { lengthThatFits } from './length-that-fits.ts';
import { reasonWords } from './sections/coverage.ts';
import type { ShopData } from './shop-data.ts';
import type { ShopProduct } from './shop-products.ts';

/** The data as the page holds it, and how much of the shop it is. */
export interface PackedShop {
  /** JSON, packed by gzip, in base64: a third of its size, and nothing in it can be taken for markup. */
  readonly base64: string;
  /** Targets that the lists show at most. */
  readonly shownTargets: number;
  /** Products that the page has a list for or says why not. */
  readonly shownProducts: number;
}

/** Bytes of the packed data, so that the page stays below 1.5 MB. */
const maxBytes = 1_300_000;

/** Of them, what ids, names and counts may take: lists would be too short beside more. */
const maxProductBytes = 0.75 * maxBytes;

/** Longer lists are not worth another attempt then. */
const fullEnough = 0.9 * maxBytes;

/** More products than anybody looks up in a page; the most viewed are in it. */
const maxProducts = 50_000;

/** A list is not cut below this; there are fewer products then. */
const leastTargets = 5;

/** Bytes that a target with its weight takes of the packed data, for a first guess. */
const bytesOfTarget = 3;

/** Lists of so many targets at most, how many relations that are, and the bytes that they took. */
interface Attempt {
  readonly targets: number;
  readonly relations: number;
  readonly bytes: number;
}

/** Packs the lists of a shop: all of them, or as long as there is room for, of as many products as there is room for. A step for each attempt. */
export function* packShop(report: ShopReport): Steps<PackedShop> {
  const lists = report.products.slice(0, maxProducts).map(({ number }) => flatList(report, number));
  const byNumber: ShopProduct[] = new Array(report.lists.products.size);
  for (const product of report.products) {
    if (product.number !== -1) {
      byNumber[product.number] = product;
    }
  }
  yield;
  for (let shownProducts = lists.length; ; ) {
    const shown = lists.slice(0, shownProducts);
    const pack = (targets: number): string => {
      const cut = shown.map((list) => [...list.subarray(0, 2 * targets)]);
      return gzipSync(JSON.stringify(shopData(report, byNumber, cut, targets))).toString('base64');
    };
    const lengths = Uint32Array.from(shown, (list) => list.length / 2);
    const bare = pack(0).length;
    yield;
    const packed = bare > maxProductBytes ? undefined : yield* longestThatFits(pack, lengths, bare);
    if (packed !== undefined) {
      return { ...packed, shownProducts };
    }
    shownProducts = Math.floor(shownProducts * Math.min(0.9, maxProductBytes / bare));
  }
}

/**
 * Tries lengths of lists, the first by what targets usually take and each other by what those of the attempts before it took, until nearly all
 * of the room is taken.
 *
 * @param bare bytes without any list
 * @returns `undefined` when not even the shortest lists fit
 */
function* longestThatFits(
  pack: (targets: number) => string,
  lengths: Uint32Array,
  bare: number,
): Steps<Omit<PackedShop, 'shownProducts'> | undefined> {
  const relations = (targets: number): number => lengths.reduce((sum, length) => sum + Math.min(length, targets), 0);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const goal = (maxBytes + fullEnough) / 2;
  let fitting: Omit<PackedShop, 'shownProducts'> | undefined;
  let low: Attempt = { targets: Math.min(leastTargets, longest) - 1, relations: 0, bytes: bare };
  let high: Attempt | undefined;
  let most = longest;
  let each = bytesOfTarget;
  while (low.targets < most && low.bytes <= fullEnough) {
    const next = lengthThatFits(lengths, low.relations + (goal - low.bytes) / each);
    const targets = Math.min(most, Math.max(low.targets + 1, next));
    const base64 = pack(targets);
    yield;
    const tried = { targets, relations: relations(targets), bytes: base64.length };
    const fits = tried.bytes <= maxBytes;
    const other: Attempt = fits && high !== undefined ? high : low;
    each = (tried.bytes - other.bytes) / (tried.relations - other.relations);
    if (fits) {
      fitting = { base64, shownTargets: targets };
      low = tried;
    } else {
      high = tried;
      most = targets - 1;
    }
  }
  return fitting;
}

/** Target, weight, target, weight and so on, by the numbers of the relations. */
function flatList({ lists }: ShopReport, number: number): Uint32Array {
  const list = lists.list(number);
  const flat = new Uint32Array(2 * list.length);
  for (const [at, { target, weight }] of list.entries()) {
    flat[2 * at] = target;
    flat[2 * at + 1] = weight;
  }
  return flat;
}

/**
 * @param byNumber all products that are in the relations
 * @param lists of the first products, as `flatList` has them
 */
function shopData(
  { products, lists: relations, score, viewedPaths: allPaths, minWeight }: ShopReport,
  byNumber: readonly ShopProduct[],
  lists: readonly (readonly number[])[],
  shownTargets: number,
): ShopData {
  const reasons: Readonly<Record<string, string>> = reasonWords(minWeight);
  const shown = products.slice(0, lists.length);
  const all = [...shown];
  const placeOf = new Map(shown.map(({ number }, place) => [number, place]));
  const place = (number: number): number => {
    const known = placeOf.get(number);
    if (known !== undefined) {
      return known;
    }
    const next = all.push(byNumber[number]!) - 1;
    placeOf.set(number, next);
    return next;
  };
  const rows = lists.map((list) => list.map((figure, at) => (at % 2 === 0 ? place(figure) : figure)));
  return {
    ids: all.map(({ id }) => id),
    names: all.map(({ name = '' }) => name),
    paths: allPaths === undefined ? undefined : all.map(({ paths = 0 }) => paths),
    allPaths,
    targets: all.map(({ targets }) => targets),
    sources: all.map(({ number }) => relations.listsWith(number)),
    shownTargets,
    score,
    lists: rows,
    reasons: Object.fromEntries(
      shown.flatMap(({ reason }, at) => (reason === undefined ? [] : [[at, reasons[reason] ?? '']])),
    ),
  };
}
