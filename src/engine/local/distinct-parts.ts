import { inPieces, type Steps } from '../../in-turns.ts';
import { readAt, type TemporaryFile } from '../../storage/temporary-file.ts';
import { workOfSources } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { Counted } from './estimate.ts';
import { type Graph, graphOf, type HeavyPath, heaviestNamed } from './graph.ts';
import { groupsWithin } from './groups-within.ts';
import { newKernel } from './new-kernel.ts';
import { allocate32, type SharedKernel } from './shared-kernel.ts';
import type { SpilledParts } from './spilled-parts.ts';

/** Bytes of a view and of a path in a graph. */
const viewBytes = 8;
const pathBytes = 4;

/** What is read or written in a step. */
const stepBytes = 1 << 24;

/** The distinct views of some paths on disk, as `DistinctViews` has them. */
interface DistinctList {
  readonly paths: number;
  readonly views: number;
  /** Where in the file the starts of the paths and their rows begin. */
  readonly startsAt: number;
  readonly rowsAt: number;
}

/**
 * Distinct views on disk, in parts whose graphs fit in memory, and what was counted of all of them. Nothing of the paths but their products is needed
 * any more, so that a part is larger than when the views were read.
 *
 * Disk: 4 bytes a distinct view, and 4 a path.
 */
export class DistinctParts {
  readonly products: number;
  readonly counted: Counted;
  /** The work of each source in all parts. */
  readonly works: Float64Array;
  /** To which relations may be added. */
  readonly file: TemporaryFile;
  /** Bytes on disk until the views as they were read could go. */
  readonly mostBytes: number;
  readonly #groups: readonly (readonly DistinctList[])[];

  /**
   * @param lists in the order in which they were written to the file
   * @param graphBytes memory of a graph
   */
  constructor(
    file: TemporaryFile,
    lists: readonly DistinctList[],
    graphBytes: number,
    { counted, works, mostBytes }: Pick<DistinctParts, 'counted' | 'works' | 'mostBytes'>,
  ) {
    this.file = file;
    this.mostBytes = mostBytes;
    this.#groups = groupsWithin(lists, graphBytes, ({ paths, views }) => viewBytes * views + pathBytes * paths);
    this.products = works.length;
    this.counted = counted;
    this.works = works;
  }

  get count(): number {
    return this.#groups.length;
  }

  /** The graph of a part, a step for some of it, in the memory of the kernel. */
  *load(part: number, kernel: SharedKernel): Steps<Graph> {
    const lists = this.#groups[part]!;
    const [paths, views] = [sumOf(lists, 'paths'), sumOf(lists, 'views')];
    const pathStarts = allocate32(kernel.memory, paths + 1);
    const rows = allocate32(kernel.memory, views);
    let path = 0;
    let view = 0;
    for (const list of lists) {
      const starts = pathStarts.subarray(path, path + list.paths);
      yield* this.#read(list.startsAt, starts);
      if (view > 0) {
        for (let at = 0; at < starts.length; at++) {
          starts[at]! += view;
        }
      }
      yield* this.#read(list.rowsAt, rows.subarray(view, view + list.views));
      path += list.paths;
      view += list.views;
    }
    pathStarts[paths] = views;
    const spare = allocate32(kernel.memory, this.products + 2);
    return yield* graphOf({ kernel, rows, pathStarts, products: this.products, spare });
  }

  *#read(start: number, into: Uint32Array): Steps<void> {
    const bytes = bytesOf(into);
    yield* inPieces(bytes.length, stepBytes, (from, to) =>
      readAt(this.file.descriptor, start + from, bytes.subarray(from, to)),
    );
  }
}

/**
 * Finds the distinct views of each part, counts them, and writes them to a file.
 *
 * @param graphBytes memory that the graph of a part may take afterwards
 * @param progress told how many rows of the views are done
 */
export function* writeDistinct(
  parts: SpilledParts,
  file: TemporaryFile,
  graphBytes: number,
  progress: (done: number) => void,
): Steps<DistinctParts> {
  const counts = { views: 0, weight: 0, leftOut: { paths: 0, pairs: 0 } };
  const heaviest: HeavyPath[] = [];
  const works = new Float64Array(parts.products);
  const lists: DistinctList[] = [];
  while (parts.rowsLoaded < parts.rows) {
    progress(parts.rowsLoaded);
    collectGarbage();
    const { list, ...counted } = yield* writePart(parts, file, works);
    lists.push(list);
    counts.views += counted.counts.views;
    counts.weight += counted.counts.weight;
    counts.leftOut.paths += counted.counts.leftOut.paths;
    counts.leftOut.pairs += counted.counts.leftOut.pairs;
    heaviest.push(...counted.heaviest);
  }
  collectGarbage();
  heaviest.sort((a, b) => b.products - a.products).splice(heaviestNamed);
  const counted = { counts, paths: sumOf(lists, 'paths'), heaviest };
  return new DistinctParts(file, lists, graphBytes, { counted, works, mostBytes: parts.bytes + file.length });
}

/** Writes the next part, whose work is added to that of the others. A function of its own, because one that waits keeps what its variables held. */
function* writePart(
  parts: SpilledParts,
  file: TemporaryFile,
  works: Float64Array,
): Steps<Omit<Counted, 'paths'> & { readonly list: DistinctList }> {
  const { distinct, paths, heaviest } = yield* parts.load(newKernel());
  const { products, pathStarts, rows, counts } = distinct;
  const views = pathStarts[paths]!;
  workOfSources({ products, pathStarts, pathProducts: rows }, works);
  const startsAt = yield* append(file, pathStarts.subarray(0, paths));
  const rowsAt = yield* append(file, rows.subarray(0, views));
  return { counts, heaviest, list: { paths, views, startsAt, rowsAt } };
}

/** @returns where they begin */
function* append(file: TemporaryFile, numbers: Uint32Array): Steps<number> {
  const start = file.length;
  const bytes = bytesOf(numbers);
  yield* inPieces(bytes.length, stepBytes, (from, to) => {
    file.append(bytes.subarray(from, to));
  });
  return start;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function sumOf(lists: readonly DistinctList[], key: 'paths' | 'views'): number {
  return lists.reduce((sum, list) => sum + list[key], 0);
}
