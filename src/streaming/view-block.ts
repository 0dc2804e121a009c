import { compareBytes, isCanonicalInteger } from '../relation/id-order.ts';
import { IdTable } from '../relation/id-table.ts';
import { RowAccumulator } from '../relation/row-accumulator.ts';
import { transpose } from '../relation/transpose.ts';
import type { TemporaryFile } from '../storage/temporary-file.ts';
import type { ByteWriter } from '../tsv/byte-writer.ts';
import { CountedIds } from './counted-ids.ts';
import type { Counters } from './counters.ts';

const tab = 0x09;
const lineFeed = 0x0a;

/** Bytes of one line: the stripe of a bestseller takes several, since a line must fit in memory wherever it goes. */
const stripeBytes = 1 << 18;

/** Bytes, beside the bound, for the products of a path that is left out. */
const leftOutMemory = 4 << 20;

/** Bytes that a view takes in the block: its product in the path, and its path in the product. Arrays grow by doubling. */
const viewBytes = 12;

/** Bytes that a product takes while the block is related, beside its id. */
const productBytes = 28;

/** What a block leaves out. */
export interface ViewBlockOptions {
  /** Paths with more distinct products are left out. */
  readonly maxPathProducts: number;
  /** Makes a file for what does not fit of a path that is left out. */
  readonly temporaryFile: () => TemporaryFile;
}

/** The distinct views of some paths, to be related together. */
export class ViewBlock {
  readonly #maxPathProducts: number;
  /** The products of a path beyond those that leave it out. */
  readonly #leftOut: CountedIds;
  readonly #ids = new IdTable();
  #pathStarts = new Uint32Array(1 << 10);
  #paths = 0;
  #products = new Uint32Array(1 << 12);
  #views = 0;
  /** Number, from 1, of the last path in which a product was seen. */
  #seenIn = new Uint32Array(1 << 10);
  #pathsSeen = 1;

  constructor({ maxPathProducts, temporaryFile }: ViewBlockOptions) {
    this.#maxPathProducts = maxPathProducts;
    this.#leftOut = new CountedIds({ compare: compareBytes, memory: leftOutMemory, temporaryFile });
  }

  /** Bytes that the block takes, with those that writing it will take. */
  get memory(): number {
    return this.#ids.memory + productBytes * this.#ids.size + viewBytes * this.#views + 8 * this.#paths;
  }

  add(bytes: Buffer, start: number, end: number): void {
    if (this.#views - this.#pathStarts[this.#paths]! > this.#maxPathProducts) {
      const known = this.#ids.find(bytes.subarray(start, end));
      if (known === -1 || this.#seenIn[known] !== this.#pathsSeen) {
        this.#leftOut.add(bytes, start, end, 1);
      }
      return;
    }
    const product = this.#ids.intern(bytes, start, end);
    if (product >= this.#seenIn.length) {
      this.#seenIn = doubled(this.#seenIn);
    }
    if (this.#seenIn[product] === this.#pathsSeen) {
      return;
    }
    this.#seenIn[product] = this.#pathsSeen;
    if (this.#views === this.#products.length) {
      this.#products = doubled(this.#products);
    }
    this.#products[this.#views++] = product;
  }

  endPath(output: ByteWriter, counters: Counters): void {
    const start = this.#pathStarts[this.#paths]!;
    const length = this.#views - start;
    if (length === 0) {
      return;
    }
    this.#pathsSeen++;
    counters.add('paths', 1);
    if (length > this.#maxPathProducts) {
      const products = length + this.#writeLeftOut(output, counters);
      counters.add('views', products);
      counters.add('left out paths', 1);
      counters.add('left out pairs', products * (products - 1));
      this.#views = start;
      return;
    }
    counters.add('views', length);
    counters.add('path weight', length * (length - 1));
    this.#paths++;
    if (this.#paths === this.#pathStarts.length) {
      this.#pathStarts = doubled(this.#pathStarts);
    }
    this.#pathStarts[this.#paths] = this.#views;
  }

  /** Writes a stripe without targets for each product of the path that the block does not hold: how many there are. */
  #writeLeftOut(output: ByteWriter, counters: Counters): number {
    let products = 0;
    this.#leftOut.each((bytes, start, end) => {
      countOddId(bytes, start, end, counters);
      output.copy(bytes, start, end);
      output.byte(lineFeed);
      products++;
    });
    this.#leftOut.endList();
    return products;
  }

  /** Empties the block; its arrays stay, so that no memory waits to be collected while the next block grows. */
  clear(): void {
    this.#ids.clear();
    this.#seenIn.fill(0);
    this.#pathsSeen = 1;
    this.#paths = 0;
    this.#views = 0;
  }

  /** Writes the stripes of all products. */
  write(output: ByteWriter, counters: Counters): void {
    const ids = this.#ids;
    const pathStarts = this.#pathStarts.subarray(0, this.#paths + 1);
    const pathProducts = this.#products.subarray(0, this.#views);
    const allocate = (length: number): Uint32Array => new Uint32Array(length);
    const { productStarts, productPaths } = transpose(pathStarts, pathProducts, ids.size, allocate);
    const row = new RowAccumulator(ids.size);
    for (let source = 0; source < ids.size; source++) {
      countOddId(ids.arena, ids.start(source), ids.end(source), counters);
      for (let at = productStarts[source]!; at < productStarts[source + 1]!; at++) {
        const path = productPaths[at]!;
        row.count(pathProducts, pathStarts[path]!, pathStarts[path + 1]!);
      }
      const length = row.drain(source);
      let at = 0;
      do {
        at = this.#writeStripe(output, source, row, at, length);
      } while (at < length);
    }
  }

  /** Writes a line about the targets from place `from` on: where the next line goes on. */
  #writeStripe(output: ByteWriter, source: number, row: RowAccumulator, from: number, length: number): number {
    const ids = this.#ids;
    output.copy(ids.arena, ids.start(source), ids.end(source));
    let at = from;
    for (let bytes = 0; at < length && bytes < stripeBytes; at++) {
      const target = row.targets[at]!;
      output.byte(tab);
      output.copy(ids.arena, ids.start(target), ids.end(target));
      output.byte(tab);
      output.number(row.weights[at]!);
      bytes += ids.end(target) - ids.start(target) + 3;
    }
    output.byte(lineFeed);
    return at;
  }
}

function countOddId(bytes: Uint8Array, start: number, end: number, counters: Counters): void {
  if (!isCanonicalInteger(bytes, start, end)) {
    counters.add('ids that are no integers', 1);
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const twice = new Uint32Array(2 * array.length);
  twice.set(array);
  return twice;
}
