import type { Steps } from '../../in-turns.ts';
import { everything } from './block-work.ts';
import { workOfSources } from './blocks.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { DistinctParts } from './distinct-parts.ts';
import { type Drawn, DrawnRows, drawSources, type RelationSample } from './draw-sources.ts';
import type { Sampled } from './estimate.ts';
import type { JobViews } from './job-views.ts';
import { BlockMerger } from './merge-block.ts';
import { newKernel } from './new-kernel.ts';
import { RowKernel } from './row-kernel.ts';
import { RunWriter } from './row-run.ts';
import { sampleRelations } from './sample-relations.ts';

/**
 * Estimates how many relations views in parts have, from sources that are drawn from all: their rows of each part are computed exactly and wait
 * on disk, as those of all sources do in the job, and are merged. So it does not matter how unlike the parts are.
 */
export function* sampleParts(
  { kernel, ids, limits }: Pick<JobViews, 'kernel' | 'ids' | 'limits'>,
  parts: DistinctParts,
): Steps<Sampled> {
  const drawn = drawSources(parts.works, limits.top);
  const pieces = drawn.sources.map(() => new Float64Array(2 * parts.count));
  let [runBytes, runError] = [0, 0];
  for (let part = 0; part < parts.count; part++) {
    collectGarbage();
    const { bytes, error } = yield* writeRows(parts, part, drawn, pieces);
    runBytes += bytes;
    runError = Math.max(runError, error);
  }
  collectGarbage();
  const runs = { descriptor: parts.file.descriptor, products: parts.products, pieces };
  const merger = new BlockMerger(runs, new RowKernel(kernel, parts.products), limits, ids);
  const rows = new DrawnRows(drawn);
  let into: Uint8Array | undefined;
  for (const [block, draw] of drawn.sources.entries()) {
    const merged = merger.relate({ block, first: draw.source, end: draw.source + 1, into });
    rows.add(draw, merged.relations, merged.length);
    into = merged.bytes;
    yield;
  }
  return { lines: rows.estimate(), run: { bytes: runBytes, error: runError } };
}

/** Writes the rows that the drawn sources have in one part, and estimates what those of all sources would take. */
function* writeRows(
  parts: DistinctParts,
  part: number,
  { sources }: Drawn,
  pieces: readonly Float64Array[],
): Steps<RelationSample> {
  const graph = yield* parts.load(part, newKernel());
  const row = new RowKernel(graph.kernel, graph.products);
  row.useGraph(graph);
  const writer = new RunWriter(row);
  for (const [at, { source }] of sources.entries()) {
    const length = row.relate(source);
    if (length > 0) {
      writer.row(source, length);
    }
    const { bytes, length: written } = writer.buffer.take();
    pieces[at]!.set([parts.file.append(bytes.subarray(0, written)), written], 2 * part);
    writer.buffer.reuse(bytes);
    yield;
  }
  return yield* sampleRelations(row, workOfSources(graph), everything, writer);
}
