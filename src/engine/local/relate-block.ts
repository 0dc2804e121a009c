import { noRelations, type RelationSums } from '../../relation/identities.ts';
import { keepTopScored, type RankedLimits } from '../../relation/top-scored.ts';
import type { BlockBuffer, BlockBytes } from './block-buffer.ts';
import type { BlockOrder, BlockWorker } from './block-work.ts';
import type { RowKernel } from './row-kernel.ts';

/** The relations of a block of sources, whole lines of a relations file or whole rows of a run, and what is to be known of them. */
export interface RelatedBlock extends BlockBytes {
  readonly relations: number;
  readonly sources: number;
  readonly sums: RelationSums;
}

/** Writes the rows of a kernel in some form into its buffer. */
export interface RowWriter {
  readonly buffer: BlockBuffer;
  row(source: number, length: number): void;
}

/** Relates blocks of sources of one graph; a thread keeps one. */
export class BlockRelater implements BlockWorker {
  readonly #kernel: RowKernel;
  readonly #limits: RankedLimits;
  readonly #writer: RowWriter;

  /** @param kernel that uses the graph */
  constructor(kernel: RowKernel, limits: RankedLimits, writer: RowWriter) {
    this.#kernel = kernel;
    this.#limits = limits;
    this.#writer = writer;
  }

  /** The relations of the sources from `first` up to, not including, `end`. */
  relate({ first, end, into }: BlockOrder): RelatedBlock {
    const kernel = this.#kernel;
    const sums = noRelations();
    const writer = this.#writer;
    writer.buffer.reuse(into);
    let relations = 0;
    let sources = 0;
    for (let source = first; source < end; source++) {
      const full = kernel.relate(source, end);
      kernel.addTo(sums, source, full);
      const length = keepTopScored(source, kernel, full, this.#limits);
      if (length > 0) {
        writer.row(source, length);
        relations += length;
        sources++;
      }
    }
    return { ...writer.buffer.take(), relations, sources, sums };
  }
}
