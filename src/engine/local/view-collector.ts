import { inTurns, type Steps } from '../../in-turns.ts';
import { type IdList, IdTable } from '../../relation/id-table.ts';
import type { ViewSink } from '../../tsv/view-sink.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { allocate32, sharedMemory } from './shared-kernel.ts';
import { type SpilledViews, spilledRowBytes } from './spilled-views.ts';

const chunkRows = 1 << 17;

/**
 * Views as pairs of numbers, path and product alternately, in chunks, so that growing copies nothing: 8 bytes a view. In a memory of their
 * own, which the system gets back; the C library's allocator would keep it.
 */
export class ViewChunks {
  #memory = sharedMemory();
  readonly chunks: Uint32Array[] = [];
  /** Chunks that may be filled again. */
  #free: Uint32Array[] = [];
  #chunk: Uint32Array = new Uint32Array(0);
  #used = 0;
  #closedRows = 0;

  get rows(): number {
    return this.#closedRows + this.#used / 2;
  }

  add(path: number, product: number): void {
    this.#makeRoom();
    this.#chunk[this.#used++] = path;
    this.#chunk[this.#used++] = product;
  }

  /** Adds many at once, with other numbers: `pathOf[path]` and `productOf[product]`. */
  addAll(views: Uint32Array, pathOf: Uint32Array, productOf: Uint32Array): void {
    for (let at = 0; at < views.length; ) {
      this.#makeRoom();
      const chunk = this.#chunk;
      let used = this.#used;
      for (; at < views.length && used < chunk.length; at += 2) {
        chunk[used++] = pathOf[views[at]!]!;
        chunk[used++] = productOf[views[at + 1]!]!;
      }
      this.#used = used;
    }
  }

  #makeRoom(): void {
    if (this.#used === this.#chunk.length) {
      this.end();
      this.#chunk = this.#free.pop() ?? allocate32(this.#memory, 2 * chunkRows);
    }
  }

  /**
   * Leaves each view once, in any order.
   *
   * @param products more than the largest number of a product
   * @param keys room for as many numbers as there are rows
   */
  keepDistinct(products: number, keys: Float64Array): void {
    this.end();
    let rows = 0;
    for (const chunk of this.chunks.splice(0)) {
      for (let at = 0; at < chunk.length; at += 2) {
        keys[rows++] = chunk[at]! * products + chunk[at + 1]!;
      }
      this.#free.push(new Uint32Array(chunk.buffer, chunk.byteOffset, 2 * chunkRows));
    }
    this.#closedRows = 0;
    keys.subarray(0, rows).sort();
    for (let at = 0; at < rows; at++) {
      const key = keys[at]!;
      if (at === 0 || key !== keys[at - 1]) {
        this.add(Math.floor(key / products), key % products);
      }
    }
  }

  /** Takes all chunks away, a step each; with the last one the memory goes. */
  *drain(take: (chunk: Uint32Array) => void): Steps<void> {
    for (let chunk = this.chunks.shift(); chunk !== undefined; chunk = this.chunks.shift()) {
      take(chunk);
      yield;
    }
    this.#free = [];
    this.#memory = sharedMemory();
  }

  /** No more views follow. */
  end(): void {
    if (this.#used > 0) {
      this.chunks.push(this.#chunk.subarray(0, this.#used));
      this.#closedRows += this.#used / 2;
    }
    this.#chunk = new Uint32Array(0);
    this.#used = 0;
  }
}

/** Views as pairs of numbers of their ids, path and product alternately. */
export interface PieceOfViews {
  readonly paths: IdList;
  readonly products: IdList;
  readonly views: Uint32Array;
}

/** Takes views as they are read: in memory for as long as they fit, and on disk from then on. Products stay in memory. */
export class ViewCollector implements Pick<ViewSink, 'view'> {
  products: IdTable = new IdTable();
  paths: IdTable = new IdTable();
  views: ViewChunks = new ViewChunks();
  /** Where the views are, once they did not fit; then there are none in `views`. */
  spilled: SpilledViews | undefined;
  readonly #plan: MemoryPlan;
  readonly #openSpill: (spilledShare: number) => SpilledViews;

  /** @param openSpill is told what share of the bytes of the input goes to disk, as far as the ids show it */
  constructor(plan: MemoryPlan, openSpill: (spilledShare: number) => SpilledViews) {
    this.#plan = plan;
    this.#openSpill = openSpill;
  }

  /** Views so far. */
  get rows(): number {
    return this.spilled?.rows ?? this.views.rows;
  }

  /** Takes many views at once, whose numbers are those of their own two lists of ids. */
  addPiece({ paths, products, views }: PieceOfViews): void {
    const productOf = this.products.internAll(products);
    if (this.spilled !== undefined) {
      for (let at = 0; at < views.length; at += 2) {
        const path = views[at]!;
        const start = path === 0 ? 0 : paths.ends[path - 1]!;
        this.spilled.view(paths.arena, start, paths.ends[path]!, productOf[views[at + 1]!]!);
      }
      return;
    }
    this.views.addAll(views, this.paths.internAll(paths), productOf);
  }

  view(bytes: Uint8Array, pathStart: number, pathEnd: number, productStart: number, productEnd: number): void {
    const product = this.products.intern(bytes, productStart, productEnd);
    if (this.spilled !== undefined) {
      this.spilled.view(bytes, pathStart, pathEnd, product);
    } else {
      this.views.add(this.paths.intern(bytes, pathStart, pathEnd), product);
    }
  }

  /** Moves the views to disk once they do not fit in memory. To be called every few megabytes of input. */
  async makeRoom(signal: AbortSignal): Promise<void> {
    if (
      this.spilled === undefined &&
      this.views.rows > 0 &&
      !this.#plan.fits(this.views.rows, this.paths, this.products)
    ) {
      await inTurns(this.#spill(), signal);
    }
  }

  *#spill(): Steps<void> {
    const { paths, views } = this;
    const pathBytes = paths.meanLength;
    const spilled = this.#openSpill(spilledRowBytes(pathBytes) / (pathBytes + this.products.meanLength + 2));
    views.end();
    yield* views.drain((chunk) => {
      for (let at = 0; at < chunk.length; at += 2) {
        const path = chunk[at]!;
        spilled.view(paths.arena, paths.start(path), paths.end(path), chunk[at + 1]!);
      }
    });
    this.paths = new IdTable();
    this.views = new ViewChunks();
    this.spilled = spilled;
  }
}
