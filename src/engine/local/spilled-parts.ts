import type { Steps } from '../../in-turns.ts';
import { IdTable } from '../../relation/id-table.ts';
import { type DistinctViews, distinctViews, type HeavyPath, heaviestOf } from './graph.ts';
import { groupsWithin } from './groups-within.ts';
import { pathsBytes } from './memory-plan.ts';
import type { SharedKernel } from './shared-kernel.ts';
import type { Partition, SpilledViews } from './spilled-views.ts';
import { ViewChunks } from './view-collector.ts';

/** Bytes of a view while it is read, and while views are sorted: two numbers, and one for both. */
const viewBytes = 12;
const sortedViewBytes = 16;

/** The views of a part, read again. */
export interface LoadedPart {
  readonly distinct: DistinctViews;
  readonly paths: number;
  readonly heaviest: readonly HeavyPath[];
}

/** Views on disk as they were read, in parts that fit in memory: as many partitions at a time as do. */
export class SpilledParts {
  readonly #views: SpilledViews;
  readonly #groups: readonly (readonly Partition[])[];
  readonly #partBytes: number;
  readonly #rankOf: Uint32Array;
  readonly #maxPathProducts: number;

  /**
   * @param views to which no more are added
   * @param pathShare paths a view
   * @param partBytes memory of a part
   * @param rankOf the place of each product in the output order
   */
  constructor(
    views: SpilledViews,
    { pathShare, partBytes }: { pathShare: number; partBytes: number },
    rankOf: Uint32Array,
    maxPathProducts: number,
  ) {
    this.#views = views;
    this.#groups = groupsWithin(views.end(), partBytes, ({ rows, bytes }) =>
      // Of the bytes on disk, the share of the path ids that are kept once.
      pathsBytes(rows, pathShare * rows, pathShare * (bytes + 24 * rows)),
    );
    this.#partBytes = partBytes;
    this.#rankOf = rankOf;
    this.#maxPathProducts = maxPathProducts;
  }

  get count(): number {
    return this.#groups.length;
  }

  /** Of all parts on disk. */
  get bytes(): number {
    return this.#views.file.length;
  }

  get products(): number {
    return this.#rankOf.length;
  }

  /**
   * Reads a part, a step for each partition. Views of one path are in one partition, however often it repeats them: of one that is larger than
   * a part, as a robot or "no session" can make it, repeated views are left out on the way.
   *
   * @param kernel in whose memory the distinct views are put
   */
  *load(part: number, kernel: SharedKernel): Steps<LoadedPart> {
    const paths = new IdTable();
    const chunks = new ViewChunks();
    const group = this.#groups[part]!;
    const rows = group.reduce((sum, partition) => sum + partition.rows, 0);
    let room = rows * viewBytes <= this.#partBytes ? rows : Math.floor(this.#partBytes / sortedViewBytes);
    let keys = new Float64Array(room < rows ? room : 0);
    for (const partition of group) {
      yield;
      this.#views.read(partition, (bytes, start, end, product) => {
        if (chunks.rows === room) {
          chunks.keepDistinct(this.products, keys);
          if (chunks.rows > room / 2) {
            room *= 2;
            keys = new Float64Array(room);
          }
        }
        chunks.add(paths.intern(bytes, start, end), product);
      });
    }
    chunks.end();
    const distinct = yield* distinctViews(chunks, paths.size, this.#rankOf, this.#maxPathProducts, kernel);
    return { distinct, paths: paths.size, heaviest: heaviestOf(distinct, paths) };
  }
}
