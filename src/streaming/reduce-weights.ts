import { compareBytes, compareIntegers, type IdOrder } from '../relation/id-order.ts';
import { hashOf, IdTable } from '../relation/id-table.ts';
import { addRelation, noRelations } from '../relation/identities.ts';
import { keepTopTargets } from '../relation/top-targets.ts';
import type { ByteWriter } from '../tsv/byte-writer.ts';
import type { Counters } from './counters.ts';
import { eachLine, fieldEnd } from './lines.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const zero = 0x30;
const maxWeight = 2 ** 32 - 1;

/** What a reducer of the weights phase is told. */
export interface ReduceWeightsOptions {
  readonly order: IdOrder;
  readonly top: number;
  readonly minWeight: number;
  /** The only products, as they stand in a TSV file, that may appear as targets; `undefined` for all. */
  readonly targets: readonly string[] | undefined;
}

/**
 * The reducer of the weights phase: stripes `source (TAB target TAB count)*`, those of a source together, to relations
 * `source TAB target TAB weight` with the targets of a source in order. Sources come out in the order in which they come in.
 *
 * Memory: the ids of all targets seen, and 20 bytes for each.
 */
export function reduceWeights(
  chunks: Iterable<Buffer>,
  output: ByteWriter,
  counters: Counters,
  options: ReduceWeightsOptions,
): void {
  const row = new Row(options);
  let source: Buffer | undefined;
  const endSource = (): void => {
    if (source !== undefined) {
      row.write(source, output, counters);
    }
  };
  eachLine(chunks, (bytes, start, end) => {
    const sourceEnd = fieldEnd(bytes, start, end);
    if (source === undefined || source.compare(bytes, start, sourceEnd) !== 0) {
      endSource();
      source = Buffer.from(bytes.subarray(start, sourceEnd));
    }
    // A stripe without targets ends at once, or with the TAB that Hadoop puts behind a line without a value.
    for (let at = sourceEnd + 1; at < end; ) {
      const targetEnd = fieldEnd(bytes, at, end);
      const countEnd = fieldEnd(bytes, targetEnd + 1, end);
      row.add(bytes, at, targetEnd, countOf(bytes, targetEnd + 1, countEnd));
      at = countEnd + 1;
    }
  });
  endSource();
  output.flush();
  row.report(counters);
}

function countOf(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) {
      throw new Error(`Cannot read a stripe: ${bytes.toString('utf8', start, end)} is no count`);
    }
    count = 10 * count + digit;
  }
  if (count === 0 || count > maxWeight) {
    throw new Error(`Cannot read a stripe: the count ${count} is not between 1 and ${maxWeight}`);
  }
  return count;
}

/** The ranks are made again when so many more ids are known: all the sorting together then costs five sorts of all ids. */
const rankGrowth = 1.25;

/** The weights of one source, by target. Targets keep their numbers from one source to the next. */
class Row {
  readonly #options: ReduceWeightsOptions;
  readonly #compare: typeof compareBytes;
  readonly #allowedIds: ReadonlySet<string> | undefined;
  readonly #ids = new IdTable();
  readonly #sums = noRelations();
  #weights = new Float64Array(1 << 10);
  #allowed = new Uint8Array(1 << 10);
  #touched: number[] = [];
  /** Place in the order of ids, for each id that was known when the places were last given. */
  #ranks = new Uint32Array(0);
  #byRank = new Uint32Array(0);

  constructor(options: ReduceWeightsOptions) {
    this.#options = options;
    this.#compare = options.order === 'integer' ? compareIntegers : compareBytes;
    this.#allowedIds = options.targets && new Set(options.targets);
  }

  add(bytes: Buffer, start: number, end: number, count: number): void {
    const known = this.#ids.size;
    const target = this.#ids.intern(bytes, start, end);
    if (target === known) {
      this.#welcome(target, bytes, start, end);
    }
    const weight = this.#weights[target]!;
    if (weight === 0) {
      this.#touched.push(target);
    }
    this.#weights[target] = weight + count;
  }

  #welcome(target: number, bytes: Buffer, start: number, end: number): void {
    if (target === this.#weights.length) {
      this.#weights = grown(this.#weights, new Float64Array(2 * target));
      this.#allowed = grown(this.#allowed, new Uint8Array(2 * target));
    }
    if (this.#allowedIds?.has(bytes.toString('utf8', start, end))) {
      this.#allowed[target] = 1;
    }
  }

  /** Writes the relations of the source, and is empty again. */
  write(source: Buffer, output: ByteWriter, counters: Counters): void {
    const targets = this.#sortedTargets();
    const weights = Uint32Array.from(targets, (target) => this.#weight(source, target));
    this.#touched = [];
    for (const target of targets) {
      this.#weights[target] = 0;
    }
    this.#addSums(source, targets, weights);
    const { top, minWeight } = this.#options;
    const allowed = this.#allowedIds && this.#allowed;
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
  }

  report(counters: Counters): void {
    const { weight, forward, backward } = this.#sums;
    counters.add('weight', weight);
    counters.add('forward 0', forward[0] >>> 0);
    counters.add('forward 1', forward[1] >>> 0);
    counters.add('backward 0', backward[0] >>> 0);
    counters.add('backward 1', backward[1] >>> 0);
  }

  #weight(source: Buffer, target: number): number {
    const weight = this.#weights[target]!;
    if (weight > maxWeight) {
      throw new Error(`Cannot write the weight of ${source} and a target: ${weight} is more than ${maxWeight}`);
    }
    return weight;
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
    this.#byRank = Uint32Array.from({ length: this.#ids.size }, (_, target) => target).sort((a, b) =>
      this.#order(a, b),
    );
    this.#ranks = new Uint32Array(this.#ids.size);
    this.#byRank.forEach((target, rank) => {
      this.#ranks[target] = rank;
    });
  }

  #order(a: number, b: number): number {
    const ids = this.#ids;
    return this.#compare(ids.arena, ids.start(a), ids.end(a), ids.arena, ids.start(b), ids.end(b));
  }

  /** The touched targets in the order of ids: those with a rank by their ranks, the few others by comparing, and both merged. */
  #sortedTargets(): Uint32Array {
    if (this.#ids.size > rankGrowth * this.#ranks.length) {
      this.#rank();
    }
    const known = this.#ranks.length;
    const ranked = Uint32Array.from(
      this.#touched.filter((target) => target < known),
      (target) => this.#ranks[target]!,
    ).sort();
    for (let at = 0; at < ranked.length; at++) {
      ranked[at] = this.#byRank[ranked[at]!]!;
    }
    const others = this.#touched.filter((target) => target >= known).sort((a, b) => this.#order(a, b));
    if (others.length === 0) {
      return ranked;
    }
    const merged = new Uint32Array(ranked.length + others.length);
    let fromRanked = 0;
    let fromOthers = 0;
    for (let at = 0; at < merged.length; at++) {
      const rankedFirst =
        fromOthers === others.length ||
        (fromRanked < ranked.length && this.#order(ranked[fromRanked]!, others[fromOthers]!) < 0);
      merged[at] = rankedFirst ? ranked[fromRanked++]! : others[fromOthers++]!;
    }
    return merged;
  }
}

function grown<T extends Uint8Array | Float64Array>(old: T, into: T): T {
  into.set(old);
  return into;
}
