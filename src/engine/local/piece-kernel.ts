import { compiled } from '../../compiled.ts';
import type { IdList } from '../../relation/id-table.ts';
import { maxIdBytes } from '../../tsv/id-rules.ts';
import type { PieceOfViews } from './view-collector.ts';

/** What `assembly/piece-kernel.ts` exports. Addresses are bytes of its memory; `ids` is where a table of ids stands. */
interface Exports {
  begin(bytes: number, idBytes: number): number;
  rows(start: number, end: number, swapped: number): number;
  view(path: number, product: number, end: number): void;
  viewsAt(): number;
  viewsEndAt(): number;
  pathsAt(): number;
  productsAt(): number;
}

/** All that 32 bits can address. */
const maxPages = 1 << 16;

/** Parses a piece of whole lines of views in WebAssembly, with ids numbered for the piece alone. A thread has one of its own. */
export class PieceKernel {
  readonly #memory = new WebAssembly.Memory<ArrayBuffer>({ initial: 1, maximum: maxPages });
  readonly #exports = new WebAssembly.Instance<Exports>(compiled('engine/local/piece-kernel'), {
    env: { memory: this.#memory },
  }).exports;
  #at = 0;
  #length = 0;

  /**
   * Takes a piece, and forgets the last one.
   *
   * @throws RangeError when there is no memory
   */
  begin(piece: Uint8Array): void {
    this.#at = this.#exports.begin(piece.length, maxIdBytes);
    this.#length = piece.length;
    if (this.#at === 0) {
      throw new RangeError(`There is no memory for ${piece.length} bytes of views`);
    }
    new Uint8Array(this.#memory.buffer).set(piece, this.#at);
  }

  /** How many views were taken. */
  get views(): number {
    return (this.#exports.viewsEndAt() - this.#exports.viewsAt()) / 8;
  }

  /**
   * Takes lines of the piece for as long as they are plain rows.
   *
   * @param from, end places in the piece
   * @param swapped whether the product comes first
   * @returns where the first line begins that is none; `end` when all are
   */
  rows(from: number, end: number, swapped: boolean): number {
    return this.#exports.rows(this.#at + from, this.#at + end, swapped ? 1 : 0) - this.#at;
  }

  /** Takes one view, whose ids come from somewhere else. */
  view(bytes: Uint8Array, pathStart: number, pathEnd: number, productStart: number, productEnd: number): void {
    const path = this.#at + this.#length;
    const product = path + pathEnd - pathStart;
    const memory = new Uint8Array(this.#memory.buffer);
    memory.set(bytes.subarray(pathStart, pathEnd), path);
    memory.set(bytes.subarray(productStart, productEnd), product);
    this.#exports.view(path, product, product + productEnd - productStart);
  }

  /** What was taken, valid until the next piece. */
  take(): PieceOfViews {
    const { pathsAt, productsAt, viewsAt } = this.#exports;
    return {
      paths: this.#ids(pathsAt()),
      products: this.#ids(productsAt()),
      views: this.#numbers(viewsAt(), 2 * this.views),
    };
  }

  /** See `Ids` of the other half. */
  #ids(at: number): IdList {
    const [arena = 0, endsAt = 0, hashesAt = 0, , , size = 0] = new Uint32Array(this.#memory.buffer, at, 6);
    const ends = this.#numbers(endsAt, size);
    return {
      arena: new Uint8Array(this.#memory.buffer, arena, ends.at(-1) ?? 0),
      ends,
      hashes: this.#numbers(hashesAt, size),
    };
  }

  #numbers(at: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#memory.buffer, at, length);
  }
}
