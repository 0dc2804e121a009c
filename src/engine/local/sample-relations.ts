import type { Steps } from '../../in-turns.ts';
import { RowAccumulator } from '../../relation/row-accumulator.ts';
import { keepTopTargets, type RowLimits } from '../../relation/top-targets.ts';
import { DrawnRows, drawSources, type RelationSample } from './draw-sources.ts';
import type { Graph } from './graph.ts';
import type { RowWriter } from './relate-block.ts';
import type { RowKernel } from './row-kernel.ts';

/**
 * Estimates how many relations a graph has, and what they take, from some sources whose rows are computed exactly, a step each.
 *
 * Memory: 20 bytes a product, and one row in the form of the writer.
 *
 * @param kernel whose row it takes, as the writer does
 * @param works the work of each source
 * @param withHalf whether `half` is wanted, for which the rows are computed twice
 */
export function* sampleRelations(
  graph: Graph,
  kernel: RowKernel,
  works: Float64Array,
  limits: RowLimits,
  writer: RowWriter,
  withHalf: boolean,
): Steps<RelationSample> {
  const { pathStarts, pathProducts, productStarts, productPaths } = graph;
  const row = new RowAccumulator(graph.products, kernel);
  const rowOf = (source: number, step: number): number => {
    for (let at = productStarts[source]!; at < productStarts[source + 1]!; at++) {
      const path = productPaths[at]!;
      if (path % step === 0) {
        row.count(pathProducts, pathStarts[path]!, pathStarts[path + 1]!);
      }
    }
    return keepTopTargets(row.targets, row.weights, row.drain(source), limits);
  };
  const drawn = drawSources(works, limits.top);
  const rows = new DrawnRows(drawn);
  for (const draw of drawn.sources) {
    const half = withHalf ? rowOf(draw.source, 2) : undefined;
    const length = rowOf(draw.source, 1);
    writer.row(draw.source, length);
    const { bytes: buffer, length: written } = writer.buffer.take();
    // The memory that threads share never gets smaller.
    writer.buffer.reuse(buffer);
    rows.add(draw, length, written, half);
    yield;
  }
  return rows.estimate();
}
