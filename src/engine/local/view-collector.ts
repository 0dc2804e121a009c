import { IdTable } from '../../relation/id-table.ts';
import type { ViewSink } from '../../tsv/view-parser.ts';

const chunkRows = 1 << 20;

/** Takes views as they are read and keeps them as pairs of numbers: 8 bytes a row, in chunks, so that growing copies nothing. */
export class ViewCollector implements Pick<ViewSink, 'view'> {
  readonly paths: IdTable = new IdTable();
  readonly products: IdTable = new IdTable();
  /** Path and product of each view, alternately. */
  readonly chunks: Uint32Array[] = [];
  #chunk = new Uint32Array(2 * chunkRows);
  #used = 0;

  view(bytes: Uint8Array, pathStart: number, pathEnd: number, productStart: number, productEnd: number): void {
    if (this.#used === this.#chunk.length) {
      this.#close();
    }
    this.#chunk[this.#used++] = this.paths.intern(bytes, pathStart, pathEnd);
    this.#chunk[this.#used++] = this.products.intern(bytes, productStart, productEnd);
  }

  /** No more views follow. */
  end(): void {
    this.#close();
    this.#chunk = new Uint32Array(0);
  }

  #close(): void {
    this.chunks.push(this.#chunk.subarray(0, this.#used));
    this.#chunk = new Uint32Array(2 * chunkRows);
    this.#used = 0;
  }
}
