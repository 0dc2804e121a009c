import { noRelations, type RelationSums } from '../../relation/identities.ts';
import { keepTopTargets, type RowLimits } from '../../relation/top-targets.ts';
import type { BlockOrder } from './block-work.ts';
import type { RowKernel } from './row-kernel.ts';

/** The relations of a block of sources, and what is to be known of them. */
export interface RelatedBlock {
  /** Whole lines of a relations file, or whole rows of a run: `bytes[0, length)`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly relations: number;
  readonly sources: number;
  readonly sums: RelationSums;
}

/** Writes the rows of a kernel in some form, and hands over what it wrote: `bytes[0, length)`. */
export interface RowWriter {
  row(source: number, length: number): void;
  take(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly length: number };
}

/** Relates blocks of sources of one graph; a thread keeps one. */
export class BlockRelater {
  readonly #kernel: RowKernel;
  readonly #limits: RowLimits;
  readonly #writer: RowWriter;

  /** @param kernel that uses the graph */
  constructor(kernel: RowKernel, limits: RowLimits, writer: RowWriter) {
    this.#kernel = kernel;
    this.#limits = limits;
    this.#writer = writer;
  }

  /** The relations of the sources from `first` up to, not including, `end`. */
  relate({ first, end }: BlockOrder): RelatedBlock {
    const kernel = this.#kernel;
    const sums = noRelations();
    const writer = this.#writer;
    let relations = 0;
    let sources = 0;
    for (let source = first; source < end; source++) {
      const full = kernel.relate(source);
      kernel.addTo(sums, source, full);
      const length = keepTopTargets(kernel.targets, kernel.weights, full, this.#limits);
      if (length > 0) {
        writer.row(source, length);
        relations += length;
        sources++;
      }
    }
    return { ...writer.take(), relations, sources, sums };
  }
}
