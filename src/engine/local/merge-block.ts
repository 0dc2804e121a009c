import { noRelations } from '../../relation/identities.ts';
import { RowAccumulator } from '../../relation/row-accumulator.ts';
import { keepTopScored, type RankedLimits } from '../../relation/top-scored.ts';
import { readAt } from '../../storage/temporary-file.ts';
import type { BlockOrder, BlockWorker } from './block-work.ts';
import { LineWriter } from './line-writer.ts';
import type { OutputIds } from './output-ids.ts';
import type { RelatedBlock } from './relate-block.ts';
import type { RowKernel } from './row-kernel.ts';
import { RunReader } from './row-run.ts';

/** Runs on disk, each the relations of some of the paths, cut into the same blocks of sources. */
export interface Runs {
  readonly descriptor: number;
  readonly products: number;
  /** Of block `b`, run after run, `pieces[b]` holds where its rows begin and how long they are, alternately. */
  readonly pieces: readonly Float64Array[];
}

/**
 * Adds up the weights of the runs. All runs are merged in one pass however many they are, since they are read block by block of sources, not
 * side by side from their beginnings. Memory: the pieces of one block, and the row.
 */
export class BlockMerger implements BlockWorker {
  readonly #runs: Runs;
  readonly #limits: RankedLimits;
  readonly #kernel: RowKernel;
  readonly #row: RowAccumulator;
  readonly #lines: LineWriter;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(runs: Runs, kernel: RowKernel, limits: RankedLimits, ids: OutputIds) {
    this.#runs = runs;
    this.#limits = limits;
    this.#kernel = kernel;
    this.#row = new RowAccumulator(runs.products, kernel);
    this.#lines = new LineWriter(kernel, ids);
  }

  /** The relations of a block. */
  relate({ block, first, end, into }: BlockOrder): RelatedBlock {
    const readers = this.#readers(block);
    this.#lines.buffer.reuse(into);
    const row = this.#row;
    const sums = noRelations();
    let relations = 0;
    let sources = 0;
    for (let source = first; source < end; source++) {
      for (const reader of readers) {
        reader.addRow(source, row);
      }
      const full = row.drain(source);
      this.#kernel.addTo(sums, source, full);
      const length = keepTopScored(source, row, full, this.#limits);
      if (length > 0) {
        this.#lines.row(source, length);
        relations += length;
        sources++;
      }
    }
    return { ...this.#lines.buffer.take(), relations, sources, sums };
  }

  #readers(block: number): RunReader[] {
    const { descriptor, pieces } = this.#runs;
    const places = pieces[block]!;
    const total = places.reduce((sum, length, at) => sum + (at % 2 === 1 ? length : 0), 0);
    if (total > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(total + (total >>> 2));
    }
    const readers: RunReader[] = [];
    let end = 0;
    for (let at = 0; at < places.length; at += 2) {
      const piece = this.#buffer.subarray(end, end + places[at + 1]!);
      readAt(descriptor, places[at]!, piece);
      readers.push(new RunReader(piece));
      end += piece.length;
    }
    return readers;
  }
}
