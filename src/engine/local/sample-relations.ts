import type { Steps } from '../../in-turns.ts';
import { keepTopTargets, type RowLimits } from '../../relation/top-targets.ts';
import { DrawnRows, drawSources, type RelationSample } from './draw-sources.ts';
import type { RowWriter } from './relate-block.ts';
import type { RowKernel } from './row-kernel.ts';

/**
 * Estimates how many relations a graph has, and what they take, from some sources whose rows are computed exactly, a step each.
 *
 * Memory: 8 bytes a product, and one row in the form of the writer.
 *
 * @param row that uses the graph, as the writer uses the row
 * @param works the work of each source
 */
export function* sampleRelations(
  row: RowKernel,
  works: Float64Array,
  limits: RowLimits,
  writer: RowWriter,
): Steps<RelationSample> {
  const drawn = drawSources(works, limits.top);
  const rows = new DrawnRows(drawn);
  for (const draw of drawn.sources) {
    const length = keepTopTargets(row.targets, row.weights, row.relate(draw.source), limits);
    writer.row(draw.source, length);
    const { bytes: buffer, length: written } = writer.buffer.take();
    // The memory that threads share never gets smaller.
    writer.buffer.reuse(buffer);
    rows.add(draw, length, written);
    yield;
  }
  return rows.estimate();
}
