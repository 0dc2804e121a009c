import { compareBytes, compareIntegers, type IdOrder } from '../relation/id-order.ts';
import { hashOf, IdTable } from '../relation/id-table.ts';
import { addRelation, noRelations } from '../relation/identities.ts';
import { keepTopTargets } from '../relation/top-targets.ts';
import type { ByteWriter } from '../tsv/byte-writer.ts';
import type { Counters } from './counters.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const maxWeight = 2 ** 32 - 1;

/** What is kept of a row, and in which order. */
export interface WeightRowOptions {
  readonly order: IdOrder;
  readonly top: number;
  readonly minWeight: number;
  /** The only products, as they stand in a TSV file, that may appear as targets; `undefined` for all. */
  readonly targets: IdTable | undefined;
  /** Bytes that the known ids and what is kept of each may take, from one source to the next. */
  readonly memory: number;
}

/** The ranks are made again when so many more ids are known: all the sorting together then costs five sorts of all ids. */
const rankGrowth = 1.25;

/** Bytes beside its id: weight, permission, two places in the order, and three numbers in the longest row. */
const targetBytes = 29;

/** The weights of one source, by target. Targets keep their numbers from one source to the next, as long as they fit the memory. */
export class WeightRow {
  readonly #options: WeightRowOptions;
  readonly #compare: typeof compareBytes;
  readonly #sums = noRelations();
  readonly #ids = new IdTable();
  #weights = new Float64Array(1 << 10);
  #allowed = new Uint8Array(1 << 10);
  /** The targets of the source at hand, as they came and in order, and their weights: a million sources should not allocate each. */
  #touched = new Uint32Array(1 << 10);
  #sorted = new Uint32Array(1 << 10);
  #row = new Uint32Array(1 << 10);
  #length = 0;
  /** Place in the order of ids, for the first `#rankedIds`, and the ids in order. */
  #ranks = new Uint32Array(1 << 10);
  #byRank = new Uint32Array(1 << 10);
  #rankedIds = 0;

  constructor(options: WeightRowOptions) {
    this.#options = options;
    this.#compare = options.order === 'integer' ? compareIntegers : compareBytes;
  }

  add(bytes: Buffer, start: number, end: number, count: number): void {
    const known = this.#ids.size;
    const target = this.#ids.intern(bytes, start, end);
    if (target === known) {
      this.#welcome(target, bytes, start, end);
    }
    const weight = this.#weights[target]!;
    if (weight === 0) {
      this.#touched[this.#length++] = target;
    }
    this.#weights[target] = weight + count;
  }

  #welcome(target: number, bytes: Buffer, start: number, end: number): void {
    if (target === this.#weights.length) {
      this.#weights = grown(this.#weights, new Float64Array(2 * target));
      this.#allowed = grown(this.#allowed, new Uint8Array(2 * target));
      this.#touched = grown(this.#touched, new Uint32Array(2 * target));
      this.#sorted = new Uint32Array(2 * target);
      this.#row = new Uint32Array(2 * target);
      this.#ranks = new Uint32Array(2 * target);
      this.#byRank = new Uint32Array(2 * target);
      this.#rankedIds = 0;
    }
    const { targets } = this.#options;
    this.#allowed[target] = targets !== undefined && targets.find(bytes.subarray(start, end)) !== -1 ? 1 : 0;
  }

  /** Writes the relations of the source, and is empty again. */
  write(source: Buffer, output: ByteWriter, counters: Counters): void {
    const targets = this.#sortedTargets();
    const weights = this.#takeWeights(source, targets);
    this.#addSums(source, targets, weights);
    const { top, minWeight } = this.#options;
    const allowed = this.#options.targets && this.#allowed;
    const length = keepTopTargets(targets, weights, targets.length, { top, minWeight, allowed });
    const ids = this.#ids;
    for (let at = 0; at < length; at++) {
      const target = targets[at]!;
      output.copy(source, 0, source.length);
      output.byte(tab);
      output.copy(ids.arena, ids.start(target), ids.end(target));
      output.byte(tab);
      output.number(weights[at]!);
      output.byte(lineFeed);
    }
    counters.add('products', 1);
    counters.add('relations', length);
    counters.add('sources', length > 0 ? 1 : 0);
    if (ids.memory + targetBytes * ids.size > this.#options.memory) {
      ids.clear();
      this.#rankedIds = 0;
    }
  }

  report(counters: Counters): void {
    const { weight, forward, backward } = this.#sums;
    counters.add('weight', weight);
    counters.add('forward 0', forward[0] >>> 0);
    counters.add('forward 1', forward[1] >>> 0);
    counters.add('backward 0', backward[0] >>> 0);
    counters.add('backward 1', backward[1] >>> 0);
  }

  #takeWeights(source: Buffer, targets: Uint32Array): Uint32Array {
    const weights = this.#row;
    for (let at = 0; at < targets.length; at++) {
      const target = targets[at]!;
      const weight = this.#weights[target]!;
      if (weight > maxWeight) {
        throw new Error(`Cannot write the weight of ${source} and a target: ${weight} is more than ${maxWeight}`);
      }
      weights[at] = weight;
      this.#weights[target] = 0;
    }
    this.#length = 0;
    return weights;
  }

  #addSums(source: Buffer, targets: Uint32Array, weights: Uint32Array): void {
    const ids = this.#ids;
    const hash = hashOf(source, 0, source.length);
    for (let at = 0; at < targets.length; at++) {
      const target = targets[at]!;
      const other = ids.hash(target);
      const forward = compareBytes(source, 0, source.length, ids.arena, ids.start(target), ids.end(target)) < 0;
      addRelation(this.#sums, forward, forward ? hash : other, forward ? other : hash, weights[at]!);
    }
  }

  #rank(): void {
    this.#rankedIds = this.#ids.size;
    const byRank = this.#byRank.subarray(0, this.#rankedIds);
    for (let target = 0; target < byRank.length; target++) {
      byRank[target] = target;
    }
    byRank.sort((a, b) => this.#order(a, b));
    for (let rank = 0; rank < byRank.length; rank++) {
      this.#ranks[byRank[rank]!] = rank;
    }
  }

  #order(a: number, b: number): number {
    const ids = this.#ids;
    return this.#compare(ids.arena, ids.start(a), ids.end(a), ids.arena, ids.start(b), ids.end(b));
  }

  /** The touched targets in the order of ids: those with a rank by their ranks, the few others by comparing, and both merged. */
  #sortedTargets(): Uint32Array {
    if (this.#ids.size > rankGrowth * this.#rankedIds) {
      this.#rank();
    }
    const known = this.#rankedIds;
    const sorted = this.#sorted;
    const others: number[] = [];
    let length = 0;
    for (let at = 0; at < this.#length; at++) {
      const target = this.#touched[at]!;
      if (target < known) {
        sorted[length++] = this.#ranks[target]!;
      } else {
        others.push(target);
      }
    }
    sorted.subarray(0, length).sort();
    for (let at = 0; at < length; at++) {
      sorted[at] = this.#byRank[sorted[at]!]!;
    }
    others.sort((a, b) => this.#order(a, b));
    // From the end, so that what is moved makes the room.
    for (let at = this.#length - 1, from = length - 1, other = others.length - 1; other >= 0; at--) {
      const last = others[other]!;
      if (from >= 0 && this.#order(sorted[from]!, last) > 0) {
        sorted[at] = sorted[from--]!;
      } else {
        sorted[at] = last;
        other--;
      }
    }
    return sorted.subarray(0, this.#length);
  }
}

function grown<T extends Uint8Array | Uint32Array | Float64Array>(old: T, into: T): T {
  into.set(old);
  return into;
}
