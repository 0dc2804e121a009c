import { gzipSync } from 'node:zlib';
import type { ShopReport } from './gather.ts';
import { keptTargets } from './relation-lists.ts';
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

/** Bytes of the packed data, so that the page of a shop of 10,000 products stays below 1.5 MB. */
const maxBytes = 1_300_000;

/** More products than anybody looks up in a page; the most viewed are in it. */
const maxProducts = 50_000;

/** Lengths of lists that are tried, until the page is small enough. */
const lengths = [keptTargets, 30, 20, 15, 10, 5];

/** Packs the lists of a shop, as long as they may be. */
export function packShop(report: ShopReport): PackedShop {
  const shown = report.products.slice(0, maxProducts);
  for (const shownTargets of lengths) {
    const data = shopData(report, shown, shownTargets);
    const base64 = gzipSync(JSON.stringify(data)).toString('base64');
    if (base64.length <= maxBytes || shownTargets === lengths.at(-1)) {
      return { base64, shownTargets, shownProducts: shown.length };
    }
  }
  throw new Error('The last length is taken');
}

function shopData(
  { products, lists, score, viewedPaths: allPaths, minWeight }: ShopReport,
  shown: readonly ShopProduct[],
  shownTargets: number,
): ShopData {
  const reasons: Readonly<Record<string, string>> = reasonWords(minWeight);
  const all = [...shown];
  const placeOf = new Map(shown.map(({ number }, place) => [number, place]));
  const byNumber =
    shown.length < products.length ? new Map(products.map((product) => [product.number, product])) : undefined;
  const place = (number: number): number => {
    const product = byNumber?.get(number);
    if (!placeOf.has(number) && product !== undefined) {
      placeOf.set(number, all.push(product) - 1);
    }
    return placeOf.get(number)!;
  };
  const rows = shown.map(({ number }) =>
    lists
      .list(number)
      .slice(0, shownTargets)
      .flatMap(({ target, weight }) => [place(target), weight]),
  );
  return {
    ids: all.map(({ id }) => id),
    names: all.map(({ name = '' }) => name),
    paths: allPaths === undefined ? undefined : all.map(({ paths = 0 }) => paths),
    allPaths,
    targets: all.map(({ targets }) => targets),
    sources: all.map(({ number }) => lists.listsWith(number)),
    shownTargets,
    score,
    lists: rows,
    reasons: Object.fromEntries(
      shown.flatMap(({ reason }, at) => (reason === undefined ? [] : [[at, reasons[reason] ?? '']])),
    ),
  };
}
