import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { IdTable } from '../../relation/id-table.ts';
import { compareScored, type ScoreName } from '../../relation/scores.ts';
import { keepTopScored } from '../../relation/top-scored.ts';
import type { RelationBatch, TextBatch } from '../../tsv/relation-batch.ts';
import { relationsRemedy } from '../../tsv/relation-rows.ts';
import { idOf } from '../id-of.ts';
import type { ViewedPaths } from '../viewed-paths.ts';
import { Histogram } from './histogram.ts';
import { lengthThatFits } from './length-that-fits.ts';
import { ListOrder } from './list-order.ts';

/** Targets that are kept of all lists together, before the longest are cut: 8 MB, and more than a page has room for, which takes 2 to 4 bytes for one. */
const mostTargets = 1 << 20;

/** No list is cut below this: the products that the page has of a large shop may have room for so many. */
const leastLength = 20;

const limits = { minWeight: 1, allowed: undefined };

/** A target of a list; products are numbered as in `RelationLists.products`. */
export interface KeptTarget {
  readonly target: number;
  readonly weight: number;
  /** What the list is ordered by, unless it is the weight; `undefined` in too few paths. */
  readonly score: number | undefined;
}

/** A list in the order of the relations; of one that was cut, the first targets by score. */
interface KeptList {
  /** Targets in all. */
  readonly length: number;
  readonly targets: Uint32Array;
  readonly weights: Uint32Array;
}

/**
 * What a set of relations holds: its lists, or the first targets of each where they are many, and counts over all of it.
 *
 * Memory: the ids, a count for each, and 8 bytes for each target that is kept: 8 MB, or 160 bytes a product where that is more.
 */
export class RelationLists {
  readonly products: IdTable = new IdTable();
  readonly weights: Histogram = new Histogram();
  relations = 0;
  /** Sum of all weights. */
  weight = 0;
  /** The smallest weight; 0 without relations. */
  leastWeight = 0;
  /** Targets of the longest list. */
  longest = 0;
  /** Of the file, as text; `undefined` for a table. */
  sha256: string | undefined;
  readonly #location: string;
  /** `undefined` for the weight. */
  readonly #order: ListOrder | undefined;
  /** Of each source. */
  readonly #lists = new Map<number, KeptList>();
  /** Targets that are kept of each list, and of all. */
  #top = Number.POSITIVE_INFINITY;
  #kept = 0;
  /** Of each product: the lists that it is in. */
  readonly #sources: number[] = [];
  #source = -1;
  #targets: Uint32Array = new Uint32Array(1 << 12);
  #weights: Uint32Array = new Uint32Array(1 << 12);
  #length = 0;

  /**
   * @param score what orders the lists
   * @param viewed what a score that is not the weight is computed from
   */
  constructor(location: string, score: ScoreName, viewed: ViewedPaths | undefined, effects: Effects) {
    this.#location = location;
    this.#order =
      score === 'weight' || viewed === undefined ? undefined : new ListOrder(score, viewed, this.products, effects);
  }

  /** Products with a list. */
  get sources(): number {
    return this.#lists.size;
  }

  /** Targets of a product, those included that are not kept. */
  length(product: number): number {
    return this.#lists.get(product)?.length ?? 0;
  }

  /** The ids of all products, by their numbers. */
  ids(): string[] {
    return Array.from({ length: this.products.size }, (_, number) => idOf(this.products, number));
  }

  /** Lists that a product is in, those included where it is not kept. */
  listsWith(product: number): number {
    return this.#sources[product] ?? 0;
  }

  /** Whether every product is in as many lists as it has targets, as it is unless lists were cut. */
  get isBothWays(): boolean {
    return Array.from({ length: this.products.size }, (_, product) => product).every(
      (product) => this.length(product) === this.listsWith(product),
    );
  }

  /** The lengths of all lists. */
  get lengths(): Uint32Array {
    return Uint32Array.from(this.#lists.values(), ({ length }) => length);
  }

  /** The targets of a product that are kept, by score, then by weight and then in the order of the relations. */
  list(product: number): KeptTarget[] {
    const { targets = new Uint32Array(0), weights = new Uint32Array(0) } = this.#lists.get(product) ?? {};
    return Array.from(targets, (target, at) => {
      const weight = weights[at]!;
      return { target, weight, score: this.#order?.score(product, target, weight) };
    }).sort(compareScored);
  }

  /** Takes all rows, which come source by source. */
  async pushAll(rows: AsyncIterable<RelationBatch>): Promise<void> {
    for await (const batch of rows) {
      this.#push(batch.asText());
    }
    this.#end();
  }

  #push(rows: TextBatch): void {
    const { bytes } = rows;
    for (let from = 0; from < rows.length; ) {
      const source = this.products.intern(bytes, rows.sourceStarts[from]!, rows.sourceEnds[from]!);
      if (source !== this.#source) {
        this.#end();
        this.#source = source;
      }
      const to = rows.listEnd(from);
      this.#reserve(this.#length + to - from);
      for (; from < to; from++) {
        const weight = rows.weights[from]!;
        const target = this.products.intern(bytes, rows.targetStarts[from]!, rows.targetEnds[from]!);
        this.#sources[target] = this.listsWith(target) + 1;
        this.#targets[this.#length] = target;
        this.#weights[this.#length++] = weight;
        this.weights.add(weight);
        this.weight += weight;
        this.leastWeight = this.leastWeight === 0 ? weight : Math.min(weight, this.leastWeight);
      }
    }
    this.relations += rows.length;
  }

  /** The last list ends. */
  #end(): void {
    if (this.#length === 0) {
      return;
    }
    if (this.#lists.has(this.#source)) {
      throw new ExpectedFailure('badData', `Cannot report on ${this.#location}: a product has two lists in it`, {
        remedy: relationsRemedy,
      });
    }
    this.longest = Math.max(this.longest, this.#length);
    const targets = this.#targets.subarray(0, this.#length);
    const weights = this.#weights.subarray(0, this.#length);
    this.#keep(this.#source, { length: this.#length, targets, weights });
    this.#length = 0;
    if (this.#kept > mostTargets && this.#top > leastLength) {
      this.#cutAll();
    }
  }

  /** Copies what is kept of a list, whose arrays are overwritten. */
  #keep(source: number, { length, targets, weights }: KeptList): void {
    const ranking = this.#order?.ranking(source, targets, weights);
    const kept = keepTopScored(source, { targets, weights }, targets.length, { ...limits, top: this.#top, ranking });
    this.#kept += kept - (this.#lists.get(source)?.targets.length ?? 0);
    this.#lists.set(source, { length, targets: targets.slice(0, kept), weights: weights.slice(0, kept) });
  }

  /** To half of what is kept at most, so that it is seldom done. */
  #cutAll(): void {
    const lengths = Uint32Array.from(this.#lists.values(), ({ targets }) => targets.length);
    this.#top = Math.max(leastLength, lengthThatFits(lengths, mostTargets / 2));
    for (const [source, list] of this.#lists) {
      if (list.targets.length > this.#top) {
        this.#keep(source, list);
      }
    }
  }

  #reserve(length: number): void {
    if (length > this.#targets.length) {
      const [targets, weights] = [this.#targets, this.#weights];
      this.#targets = new Uint32Array(2 * length);
      this.#weights = new Uint32Array(2 * length);
      this.#targets.set(targets);
      this.#weights.set(weights);
    }
  }
}
