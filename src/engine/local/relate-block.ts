import { addRow, noRelations, type RelationSums } from '../../relation/identities.ts';
import { RowAccumulator } from '../../relation/row-accumulator.ts';
import { keepTopTargets, type RowLimits } from '../../relation/top-targets.ts';
import type { BlockOrder } from './block-work.ts';
import type { Graph } from './graph.ts';

/** The relations of a block of sources, and what is to be known of them. */
export interface RelatedBlock {
  /** Whole lines of a relations file, or whole rows of a run: `bytes[0, length)`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly relations: number;
  readonly sources: number;
  readonly sums: RelationSums;
}

/** Writes rows in some form, and hands over what it wrote: `bytes[0, length)`. */
export interface RowWriter {
  row(source: number, targets: Uint32Array, weights: Uint32Array, length: number): void;
  take(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly length: number };
}

/** Relates blocks of sources of one graph; a thread keeps one. */
export class BlockRelater {
  readonly #graph: Graph;
  readonly #limits: RowLimits;
  readonly #row: RowAccumulator;
  readonly #writer: RowWriter;

  constructor(graph: Graph, limits: RowLimits, writer: RowWriter) {
    this.#graph = graph;
    this.#limits = limits;
    this.#row = new RowAccumulator(graph.products);
    this.#writer = writer;
  }

  /** The relations of the sources from `first` up to, not including, `end`. */
  relate({ first, end }: BlockOrder): RelatedBlock {
    const { pathStarts, pathProducts, productStarts, productPaths } = this.#graph;
    const row = this.#row;
    const sums = noRelations();
    const writer = this.#writer;
    let relations = 0;
    let sources = 0;
    for (let source = first; source < end; source++) {
      for (let at = productStarts[source]!; at < productStarts[source + 1]!; at++) {
        const path = productPaths[at]!;
        row.count(pathProducts, pathStarts[path]!, pathStarts[path + 1]!);
      }
      const full = row.drain(source);
      addRow(sums, source, row.targets, row.weights, full);
      const length = keepTopTargets(row.targets, row.weights, full, this.#limits);
      if (length > 0) {
        writer.row(source, row.targets, row.weights, length);
        relations += length;
        sources++;
      }
    }
    return { ...writer.take(), relations, sources, sums };
  }
}
