import { createHash, type Hash } from 'node:crypto';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { IdTable } from '../../relation/id-table.ts';
import { keepTopTargets } from '../../relation/top-targets.ts';
import { readBytes } from '../../storage/input.ts';
import type { TextBatch } from '../../tsv/relation-batch.ts';
import { parseRelations, relationsRemedy } from '../../tsv/relation-rows.ts';
import { Histogram } from './histogram.ts';

/** Targets of a list that the page can show, the heaviest. */
export const keptTargets = 50;

const limits = { top: keptTargets, minWeight: 1, allowed: undefined };

/** A target of a list; products are numbered as in `RelationLists.products`. */
export interface KeptTarget {
  readonly target: number;
  readonly weight: number;
}

/**
 * What a set of relations holds: the heaviest targets of each list, and counts over all of it.
 *
 * Memory: the ids, a count for each, and 8 bytes for each target that is kept, 400 at most a product.
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
  /** Of the relations as text; `undefined` until all of it is read. */
  sha256: string | undefined;
  readonly #location: string;
  /** Of each source: targets in all, and those that are kept. */
  readonly #lists = new Map<number, { readonly length: number; readonly targets: Uint32Array; weights: Uint32Array }>();
  /** Of each product: the lists that it is in. */
  readonly #sources: number[] = [];
  #source = -1;
  #targets: Uint32Array = new Uint32Array(1 << 12);
  #weights: Uint32Array = new Uint32Array(1 << 12);
  #length = 0;

  constructor(location: string) {
    this.#location = location;
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
    const { arena, size } = this.products;
    return Array.from({ length: size }, (_, number) =>
      Buffer.from(arena.subarray(this.products.start(number), this.products.end(number))).toString('utf8'),
    );
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

  /** The heaviest targets of a product, by weight descending and then in the order of the relations. */
  list(product: number): KeptTarget[] {
    const { targets = new Uint32Array(0), weights = new Uint32Array(0) } = this.#lists.get(product) ?? {};
    return Array.from(targets, (target, at) => ({ target, weight: weights[at]! })).sort((a, b) => b.weight - a.weight);
  }

  /** Takes rows, which come source by source. */
  push(rows: TextBatch): void {
    const { bytes } = rows;
    for (let from = 0; from < rows.length; ) {
      const source = this.products.intern(bytes, rows.sourceStarts[from]!, rows.sourceEnds[from]!);
      if (source !== this.#source) {
        this.end();
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
  end(): void {
    if (this.#length === 0) {
      return;
    }
    if (this.#lists.has(this.#source)) {
      throw new ExpectedFailure('badData', `Cannot report on ${this.#location}: a product has two lists in it`, {
        remedy: relationsRemedy,
      });
    }
    this.longest = Math.max(this.longest, this.#length);
    const kept = keepTopTargets(this.#targets, this.#weights, this.#length, limits);
    this.#lists.set(this.#source, {
      length: this.#length,
      targets: this.#targets.slice(0, kept),
      weights: this.#weights.slice(0, kept),
    });
    this.#length = 0;
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

/**
 * Reads a relations file, once.
 *
 * @throws ExpectedFailure when it cannot be read or is no relations file
 */
export async function readRelationLists(location: string, effects: Effects): Promise<RelationLists> {
  const lists = new RelationLists(location);
  const hash = createHash('sha256');
  for await (const batch of parseRelations(location, digested(readBytes(location, effects), hash), false)) {
    lists.push(batch.asText());
  }
  lists.end();
  lists.sha256 = hash.digest('hex');
  return lists;
}

async function* digested(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
