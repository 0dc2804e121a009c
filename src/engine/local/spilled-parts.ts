import type { Steps } from '../../in-turns.ts';
import { IdTable } from '../../relation/id-table.ts';
import { type DistinctViews, distinctViews, type HeavyPath, heaviestOf } from './graph.ts';
import { pathsBytes } from './memory-plan.ts';
import type { SharedKernel } from './shared-kernel.ts';
import type { Partition, SpilledViews } from './spilled-views.ts';
import { ViewChunks } from './view-collector.ts';

/** Bytes more of a view while views are sorted: one number for its path and product, in place of one of its path's row. */
const sortingBytes = 4;

/** The views of a part, read again. */
export interface LoadedPart {
  readonly distinct: DistinctViews;
  readonly paths: number;
  readonly heaviest: readonly HeavyPath[];
}

/**
 * Views on disk as they were read, in parts that fit in memory: as many partitions at a time as do. How many paths a partition has is known only
 * once it is read, and the first views do not tell: all may be of one path, and millions of others follow. But hashing spreads the paths evenly,
 * so that a partition is taken to have as many as any before it; what a part holds already is measured.
 */
export class SpilledParts {
  /** Rows of all parts. */
  readonly rows: number;
  readonly #views: SpilledViews;
  readonly #partitions: Partition[];
  readonly #partBytes: number;
  readonly #rankOf: Uint32Array;
  readonly #maxPathProducts: number;
  /** The most that a partition had so far, of paths and of bytes of their table. */
  readonly #most = { paths: 0, tableBytes: 0 };
  #rowsLoaded = 0;

  /**
   * @param views to which no more are added
   * @param partBytes memory of a part
   * @param rankOf the place of each product in the output order
   */
  constructor(views: SpilledViews, partBytes: number, rankOf: Uint32Array, maxPathProducts: number) {
    this.rows = views.rows;
    this.#views = views;
    this.#partitions = [...views.end()];
    this.#partBytes = partBytes;
    this.#rankOf = rankOf;
    this.#maxPathProducts = maxPathProducts;
  }

  /** Rows of the parts that were loaded; all, once there is no part left. */
  get rowsLoaded(): number {
    return this.#rowsLoaded;
  }

  /** Of all parts on disk. */
  get bytes(): number {
    return this.#views.file.length;
  }

  get products(): number {
    return this.#rankOf.length;
  }

  /**
   * Reads the next part, a step for each partition.
   *
   * @param kernel in whose memory the distinct views are put
   */
  *load(kernel: SharedKernel): Steps<LoadedPart> {
    const paths = new IdTable();
    const chunks = new ViewChunks();
    if (this.#nextFits(chunks, paths)) {
      do {
        yield;
        this.#readNext(paths, (path, product) => chunks.add(path, product));
      } while (this.#nextFits(chunks, paths));
    } else {
      yield;
      this.#readDistinct(chunks, paths);
    }
    chunks.end();
    const distinct = yield* distinctViews(chunks, paths.size, this.#rankOf, this.#maxPathProducts, kernel);
    return { distinct, paths: paths.size, heaviest: heaviestOf(distinct, paths) };
  }

  /** Whether the next partition fits beside views that were read. */
  #nextFits({ rows }: ViewChunks, { size, memory }: IdTable): boolean {
    const next = this.#partitions[0];
    const { paths, tableBytes } = this.#most;
    return next !== undefined && pathsBytes(rows + next.rows, size + paths, memory + tableBytes) <= this.#partBytes;
  }

  /**
   * Reads a partition that does not fit. Views of one path are in one partition, however often it repeats them: of one that is larger than a
   * part, as a robot or "no session" can make it, repeated views are left out on the way.
   */
  #readDistinct(chunks: ViewChunks, paths: IdTable): void {
    const taken = (): number => pathsBytes(chunks.rows, paths.size, paths.memory) + sortingBytes * chunks.rows;
    let room = this.#partBytes;
    let keys = new Float64Array(0);
    this.#readNext(paths, (path, product) => {
      if (taken() > room) {
        if (chunks.rows > keys.length) {
          keys = new Float64Array(chunks.rows);
        }
        chunks.keepDistinct(this.products, keys);
        // Where most is left, sorting it again and again would take all the time.
        room = Math.max(room, 2 * taken());
      }
      chunks.add(path, product);
    });
  }

  /** @param sink takes each view, its path by the number in `paths` */
  #readNext(paths: IdTable, sink: (path: number, product: number) => void): void {
    const partition = this.#partitions.shift()!;
    const { size, memory } = paths;
    this.#views.read(partition, (bytes, start, end, product) => sink(paths.intern(bytes, start, end), product));
    this.#rowsLoaded += partition.rows;
    this.#most.paths = Math.max(this.#most.paths, paths.size - size);
    this.#most.tableBytes = Math.max(this.#most.tableBytes, paths.memory - memory);
  }
}
