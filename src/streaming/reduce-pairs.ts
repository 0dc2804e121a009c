import { isCanonicalInteger } from '../relation/id-order.ts';
import { IdTable } from '../relation/id-table.ts';
import { RowAccumulator } from '../relation/row-accumulator.ts';
import { transpose } from '../relation/transpose.ts';
import type { ByteWriter } from '../tsv/byte-writer.ts';
import type { Counters } from './counters.ts';
import { eachLine, fieldEnd } from './lines.ts';

const tab = 0x09;
const lineFeed = 0x0a;

/** Targets of one line: the stripe of a bestseller takes several, since a line must fit in memory wherever it goes. */
const stripeTargets = 1 << 14;

/** Bytes that a view takes in the block: its product in the path, and its path in the product. Arrays grow by doubling. */
const viewBytes = 12;

/** Bytes that a product takes while the block is related, beside its id. */
const productBytes = 28;

/** What a reducer of the pairs phase is told. */
export interface ReducePairsOptions {
  /** Paths with more distinct products are left out. */
  readonly maxPathProducts: number;
  /** Bytes that the block in memory may take. */
  readonly memory: number;
}

/**
 * The reducer of the pairs phase: lines `path TAB product`, the lines of a path together, in any order, to stripes
 * `source (TAB target TAB count)*` (Lin & Dyer, Data-Intensive Text Processing with MapReduce, 2010).
 *
 * Instead of pairs, which are many, it keeps the distinct views of a block of paths in memory and relates the block when the memory is
 * used up: the counts of a source are then added up in one row. A product of the block without relations gets a stripe without targets,
 * so that the next phase can count products.
 */
export function reducePairs(
  chunks: Iterable<Buffer>,
  output: ByteWriter,
  counters: Counters,
  options: ReducePairsOptions,
): void {
  const block = new Block();
  let path: Buffer | undefined;
  const endPath = (): void => {
    block.endPath(options.maxPathProducts, counters);
    if (block.memory > options.memory) {
      block.write(output, counters);
      block.clear();
    }
  };
  eachLine(chunks, (bytes, start, end) => {
    const pathEnd = fieldEnd(bytes, start, end);
    if (path === undefined || path.compare(bytes, start, pathEnd) !== 0) {
      endPath();
      path = Buffer.from(bytes.subarray(start, pathEnd));
    }
    // Hadoop ends a line with one more TAB when it takes the whole line for the key.
    block.add(bytes, pathEnd + 1, fieldEnd(bytes, pathEnd + 1, end));
  });
  endPath();
  block.write(output, counters);
  output.flush();
}

/** The distinct views of some paths. */
class Block {
  readonly #ids = new IdTable();
  #pathStarts = new Uint32Array(1 << 10);
  #paths = 0;
  #products = new Uint32Array(1 << 12);
  #views = 0;
  /** Number, from 1, of the last path in which a product was seen. */
  #seenIn = new Uint32Array(1 << 10);
  #pathsSeen = 1;

  /** Bytes that the block takes, with those that writing it will take. */
  get memory(): number {
    return this.#ids.memory + productBytes * this.#ids.size + viewBytes * this.#views + 8 * this.#paths;
  }

  add(bytes: Buffer, start: number, end: number): void {
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

  endPath(maxPathProducts: number, counters: Counters): void {
    const start = this.#pathStarts[this.#paths]!;
    const length = this.#views - start;
    if (length === 0) {
      return;
    }
    this.#pathsSeen++;
    counters.add('paths', 1);
    counters.add('views', length);
    if (length > maxPathProducts) {
      counters.add('left out paths', 1);
      counters.add('left out pairs', length * (length - 1));
      this.#views = start;
      return;
    }
    counters.add('path weight', length * (length - 1));
    this.#paths++;
    if (this.#paths === this.#pathStarts.length) {
      this.#pathStarts = doubled(this.#pathStarts);
    }
    this.#pathStarts[this.#paths] = this.#views;
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
      if (!isCanonicalInteger(ids.arena, ids.start(source), ids.end(source))) {
        counters.add('ids that are no integers', 1);
      }
      for (let at = productStarts[source]!; at < productStarts[source + 1]!; at++) {
        const path = productPaths[at]!;
        row.count(pathProducts, pathStarts[path]!, pathStarts[path + 1]!);
      }
      const length = row.drain(source);
      for (let from = 0; from === 0 || from < length; from += stripeTargets) {
        this.#writeStripe(output, source, row, from, Math.min(length, from + stripeTargets));
      }
    }
  }

  #writeStripe(output: ByteWriter, source: number, row: RowAccumulator, from: number, to: number): void {
    const ids = this.#ids;
    output.copy(ids.arena, ids.start(source), ids.end(source));
    for (let at = from; at < to; at++) {
      const target = row.targets[at]!;
      output.byte(tab);
      output.copy(ids.arena, ids.start(target), ids.end(target));
      output.byte(tab);
      output.number(row.weights[at]!);
    }
    output.byte(lineFeed);
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const twice = new Uint32Array(2 * array.length);
  twice.set(array);
  return twice;
}
