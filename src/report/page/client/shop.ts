import { areCounts, compareScored, scores } from '../../../relation/scores.ts';
import type { ShopData } from '../shop-data.ts';

/** A product beside another one. */
export interface Related {
  /** The place of the product in the shop. */
  readonly product: number;
  readonly weight: number;
  /** Share of the source's paths that contain the target too; `undefined` without views. */
  readonly share: number | undefined;
  /** What orders the lists, or the lift beside the weight; `undefined` without views, and in too few paths. */
  readonly score: number | undefined;
  /** The target's place in the source's list, from 1. */
  readonly place: number;
}

/** The products and lists of the page. */
export class Shop {
  readonly data: ShopData;
  readonly #folded: readonly string[];
  /** Of each product, the sources whose shown lists hold it, and at which place; made when first asked for. */
  #sources: Map<number, { readonly source: number; readonly place: number }[]> | undefined;

  constructor(data: ShopData) {
    this.data = data;
    this.#folded = data.ids.map((id, at) => fold(`${id} ${data.names[at]}`));
  }

  /** Places of the products that hold every word, in id or name; those whose id or a word begins so come first. */
  find(wanted: string): number[] {
    const words = fold(wanted).split(/\s+/).filter(Boolean);
    const exact = wanted.trim();
    const found: { product: number; rank: number }[] = [];
    for (let product = 0; product < this.data.lists.length; product++) {
      const text = this.#folded[product]!;
      if (words.every((word) => text.includes(word))) {
        const begins = words.every((word) => ` ${text}`.includes(` ${word}`));
        found.push({ product, rank: this.data.ids[product] === exact ? 0 : begins ? 1 : 2 });
      }
    }
    return found.sort((a, b) => a.rank - b.rank).map(({ product }) => product);
  }

  /** The place of a product in the shop, -1 when it is not on the page. */
  indexOf(id: string): number {
    return this.data.ids.indexOf(id);
  }

  /** The list of a product, in its order. */
  list(product: number): Related[] {
    const flat = this.data.lists[product] ?? [];
    return Array.from({ length: flat.length / 2 }, (_, at) =>
      this.#related(product, flat[2 * at]!, flat[2 * at]!, flat[2 * at + 1]!, at + 1),
    );
  }

  /** The lists that hold a product, in the order of the lists. */
  reverse(product: number): Related[] {
    this.#sources ??= this.#invert();
    return (this.#sources.get(product) ?? [])
      .map(({ source, place }) =>
        this.#related(source, product, source, this.data.lists[source]![2 * place - 1]!, place),
      )
      .sort(this.data.score === 'weight' ? (a, b) => b.weight - a.weight : compareScored);
  }

  #related(source: number, target: number, product: number, weight: number, place: number): Related {
    const { paths, allPaths = 0, score } = this.data;
    const counts = { both: weight, source: paths?.[source] ?? 0, target: paths?.[target] ?? 0, all: allPaths };
    // Other views than those behind the relations need not fit them.
    const known = paths !== undefined && areCounts(counts);
    return {
      product,
      weight,
      place,
      share: known ? weight / counts.source : undefined,
      score: known ? scores.get(score === 'weight' ? 'lift' : score)(counts) : undefined,
    };
  }

  #invert(): Map<number, { source: number; place: number }[]> {
    const sources = new Map<number, { source: number; place: number }[]>();
    this.data.lists.forEach((flat, source) => {
      for (let at = 0; at < flat.length; at += 2) {
        const those = sources.get(flat[at]!);
        const entry = { source, place: at / 2 + 1 };
        if (those === undefined) {
          sources.set(flat[at]!, [entry]);
        } else {
          those.push(entry);
        }
      }
    });
    return sources;
  }
}

/** Without case and accents, as people type. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The shop that the page holds as base64 of gzip of JSON. */
export async function unpackShop(base64: string): Promise<Shop> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const json = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  // Our own, from the same page: nothing to check.
  const data: ShopData = await new Response(json).json();
  return new Shop(data);
}
