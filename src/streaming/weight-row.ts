import { compareBytes, comparisonOf, type IdOrder } from '../relation/id-order.ts';
import { hashOf, type IdTable } from '../relation/id-table.ts';
import { addRelation, noRelations } from '../relation/identities.ts';
import { keepTopTargets } from '../relation/top-targets.ts';
import type { TemporaryFile } from '../storage/temporary-file.ts';
import type { ByteWriter } from '../tsv/byte-writer.ts';
import { CountedIds } from './counted-ids.ts';
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
  /** Bytes that the known ids and what is kept of each may take. */
  readonly memory: number;
  /** Makes a file for a row that does not fit. */
  readonly temporaryFile: () => TemporaryFile;
}

/** Whether a target may appear: not looked up yet, or what was found. */
const unknown = 0;
const allowed = 1;
const refused = 2;

/** The weights of one source after the other, by target. */
export class WeightRow {
  readonly #options: WeightRowOptions;
  readonly #sums = noRelations();
  readonly #targets: CountedIds;
  #weights = new Uint32Array(1 << 10);
  #allowed = new Uint8Array(1 << 10);
  #forgotten = 0;

  constructor(options: WeightRowOptions) {
    this.#options = options;
    this.#targets = new CountedIds({ ...options, compare: comparisonOf(options.order) });
  }

  add(bytes: Buffer, start: number, end: number, count: number): void {
    this.#targets.add(bytes, start, end, count);
  }

  /** Writes the relations of the source, and is empty again. */
  write(source: Buffer, output: ByteWriter, counters: Counters): void {
    const length = this.#targets.spilled ? this.#writeSpilled(source, output) : this.#writeSorted(source, output);
    counters.add('products', 1);
    counters.add('relations', length);
    counters.add('sources', length > 0 ? 1 : 0);
    this.#targets.endList();
  }

  report(counters: Counters): void {
    const { weight, forward, backward } = this.#sums;
    counters.add('weight', weight);
    counters.add('forward 0', forward[0] >>> 0);
    counters.add('forward 1', forward[1] >>> 0);
    counters.add('backward 0', backward[0] >>> 0);
    counters.add('backward 1', backward[1] >>> 0);
  }

  #writeSorted(source: Buffer, output: ByteWriter): number {
    const { ids } = this.#targets;
    const targets = this.#targets.sorted();
    const hash = hashOf(source, 0, source.length);
    if (targets.length > this.#weights.length) {
      this.#weights = new Uint32Array(2 ** Math.ceil(Math.log2(targets.length)));
    }
    const weights = this.#weights;
    for (let at = 0; at < targets.length; at++) {
      const target = targets[at]!;
      weights[at] = this.#targets.count(target);
      this.#addSums(
        source,
        hash,
        ids.arena,
        ids.start(target),
        ids.end(target),
        ids.hash(target),
        this.#targets.count(target),
      );
    }
    const { top, minWeight } = this.#options;
    const length = keepTopTargets(targets, weights, targets.length, {
      top,
      minWeight,
      allowed: this.#allowedOf(targets),
    });
    for (let at = 0; at < length; at++) {
      const target = targets[at]!;
      writeRelation(source, ids.arena, ids.start(target), ids.end(target), weights[at]!, output);
    }
    return length;
  }

  /** A row that is in a file is read twice: once for its sums and how many targets there are of each weight, once for what is kept. */
  #writeSpilled(source: Buffer, output: ByteWriter): number {
    const { top, minWeight, targets } = this.#options;
    const hash = hashOf(source, 0, source.length);
    const keeps = (bytes: Uint8Array, start: number, end: number, weight: number): boolean =>
      weight >= minWeight && (targets === undefined || targets.find(bytes.subarray(start, end)) !== -1);
    // Distinct weights are few: a thousand of them are half a million common paths.
    const ofWeight = new Map<number, number>();
    this.#targets.each((bytes, start, end, weight) => {
      this.#addSums(source, hash, bytes, start, end, hashOf(bytes, start, end), weight);
      if (keeps(bytes, start, end, weight)) {
        ofWeight.set(weight, (ofWeight.get(weight) ?? 0) + 1);
      }
    });
    const { least, places } = cut(ofWeight, top);
    let length = 0;
    let left = places;
    this.#targets.each((bytes, start, end, weight) => {
      if (weight >= least && keeps(bytes, start, end, weight) && (weight > least || left-- > 0)) {
        writeRelation(source, bytes, start, end, weight, output);
        length++;
      }
    });
    return length;
  }

  #addSums(
    source: Buffer,
    hash: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    other: number,
    weight: number,
  ): void {
    if (weight > maxWeight) {
      throw new Error(`Cannot write the weight of ${source} and a target: ${weight} is more than ${maxWeight}`);
    }
    const forward = compareBytes(source, 0, source.length, bytes, start, end) < 0;
    addRelation(this.#sums, forward, forward ? hash : other, forward ? other : hash, weight);
  }

  /** Which targets may appear, by number: each is looked up once, as long as it keeps its number. */
  #allowedOf(targets: Uint32Array): Uint8Array | undefined {
    const catalogue = this.#options.targets;
    if (catalogue === undefined) {
      return undefined;
    }
    const { ids, forgotten } = this.#targets;
    if (ids.size > this.#allowed.length || forgotten !== this.#forgotten) {
      this.#forgotten = forgotten;
      this.#allowed = new Uint8Array(2 ** Math.ceil(Math.log2(Math.max(ids.size, this.#allowed.length))));
    }
    for (const target of targets) {
      if (this.#allowed[target] === unknown) {
        const found = catalogue.find(ids.arena.subarray(ids.start(target), ids.end(target)));
        this.#allowed[target] = found === -1 ? refused : allowed;
      }
    }
    return this.#allowed;
  }
}

/**
 * The least weight that is kept of a row, and how many targets of just this weight are.
 *
 * @param ofWeight how many targets there are of each weight
 */
function cut(ofWeight: ReadonlyMap<number, number>, top: number): { least: number; places: number } {
  let places = top;
  for (const weight of [...ofWeight.keys()].sort((a, b) => b - a)) {
    const targets = ofWeight.get(weight) ?? 0;
    if (targets >= places) {
      return { least: weight, places };
    }
    places -= targets;
  }
  return { least: 0, places };
}

function writeRelation(
  source: Buffer,
  bytes: Uint8Array,
  start: number,
  end: number,
  weight: number,
  output: ByteWriter,
): void {
  output.copy(source, 0, source.length);
  output.byte(tab);
  output.copy(bytes, start, end);
  output.byte(tab);
  output.number(weight);
  output.byte(lineFeed);
}
