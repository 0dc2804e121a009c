import { addRow, noRelations, type RelationSums } from '../../relation/identities.ts';
import { RowAccumulator } from '../../relation/row-accumulator.ts';
import { keepTopTargets, type RowLimits } from '../../relation/top-targets.ts';
import { ByteWriter } from '../../tsv/byte-writer.ts';
import type { Graph } from './graph.ts';

/** The relations of a block of sources, and what is to be known of them. */
export interface RelatedBlock {
  /** Whole lines of a relations file: `bytes[0, length)`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly relations: number;
  readonly sources: number;
  readonly sums: RelationSums;
}

const lineFeed = 0x0a;
const firstBufferBytes = 1 << 18;

/** Relates blocks of sources of one graph; a thread keeps one. */
export class BlockRelater {
  readonly #graph: Graph;
  readonly #limits: RowLimits;
  readonly #row: RowAccumulator;

  constructor(graph: Graph, limits: RowLimits) {
    this.#graph = graph;
    this.#limits = limits;
    this.#row = new RowAccumulator(graph.products);
  }

  /** The relations of the sources from `first` up to, not including, `end`. */
  relate(first: number, end: number): RelatedBlock {
    const { pathStarts, pathProducts, productStarts, productPaths } = this.#graph;
    const row = this.#row;
    const sums = noRelations();
    const lines = new ByteWriter(firstBufferBytes);
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
        this.#write(source, length, lines);
        relations += length;
        sources++;
      }
    }
    return { bytes: lines.bytes, length: lines.length, relations, sources, sums };
  }

  #write(source: number, length: number, lines: ByteWriter): void {
    const { ids, idStarts } = this.#graph;
    const { targets, weights } = this.#row;
    const start = idStarts[source]!;
    const end = idStarts[source + 1]!;
    for (let at = 0; at < length; at++) {
      const target = targets[at]!;
      lines.copy(ids, start, end);
      lines.copy(ids, idStarts[target]!, idStarts[target + 1]!);
      lines.number(weights[at]!);
      lines.byte(lineFeed);
    }
  }
}
