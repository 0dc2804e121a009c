import type { ByteWriter } from '../tsv/byte-writer.ts';
import type { Counters } from './counters.ts';
import { eachLine, fieldEnd } from './lines.ts';
import { ViewBlock, type ViewBlockOptions } from './view-block.ts';

/** What a reducer of the pairs phase is told. */
export interface ReducePairsOptions extends ViewBlockOptions {
  /** Bytes that the block in memory may take. */
  readonly memory: number;
}

/**
 * The reducer of the pairs phase: lines `path TAB product`, the lines of a path together, in any order, to stripes
 * `source (TAB target TAB count)*` (Lin & Dyer, Data-Intensive Text Processing with MapReduce, 2010).
 *
 * Instead of pairs, which are many, it keeps the distinct views of a block of paths in memory and relates the block when the memory is
 * used up: the counts of a source are then added up in one row. A product of the block without relations gets a stripe without targets,
 * so that the next phase can count products.
 *
 * The products of one path have to fit, some 70 bytes and the id each, unless the path is left out: where they would take more than any memory,
 * 10 million products, the pairs would take more than any disk.
 */
export function reducePairs(
  chunks: Iterable<Buffer>,
  output: ByteWriter,
  counters: Counters,
  options: ReducePairsOptions,
): void {
  const block = new ViewBlock(options);
  let path: Buffer | undefined;
  const endPath = (): void => {
    block.endPath(output, counters);
    if (block.memory > options.memory) {
      block.write(output, counters);
      block.clear();
    }
  };
  eachLine(chunks, (bytes, start, end) => {
    const pathEnd = fieldEnd(bytes, start, end);
    if (path === undefined || path.compare(bytes, start, pathEnd) !== 0) {
      endPath();
      path = Buffer.from(bytes.subarray(start, pathEnd));
    }
    // Hadoop ends a line with one more TAB when it takes the whole line for the key.
    block.add(bytes, pathEnd + 1, fieldEnd(bytes, pathEnd + 1, end));
  });
  endPath();
  block.write(output, counters);
  output.flush();
}
