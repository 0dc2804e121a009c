import { RowAccumulator } from '../../relation/row-accumulator.ts';
import { keepTopTargets, type RowLimits } from '../../relation/top-targets.ts';
import type { Graph } from './graph.ts';
import type { RowWriter } from './relate-block.ts';
import type { RowKernel } from './row-kernel.ts';

/** The share of the whole work that a sample may take, and how many sources there are in it at least and at most. */
const workShare = 0.005;
const leastSources = 16;
const mostSources = 512;

/** What the relations of a graph are estimated to be. */
export interface RelationSample {
  readonly relations: number;
  /** Bytes in the form of the writer. */
  readonly bytes: number;
  /** The share of `relations` that every second path would give by itself; 1 when that was not asked for. */
  readonly half: number;
  /** Standard error of both figures, as a share of them. */
  readonly error: number;
}

/**
 * Estimates how many relations a graph has, and what they take, from some sources whose rows are computed exactly. A source is drawn with a
 * probability in proportion to what its row is expected to hold, at even distances of that, so that the same views give the same estimate;
 * the mean of found to expected, times all that is expected, is then unbiased however wrong the expectation (Hansen and Hurwitz, On the theory of
 * sampling from finite populations, 1943). Expected is how many of n products w draws hit when all are equally popular, n(1 − e^(−w/n)).
 *
 * Takes a two-hundredth of the work of relating, with the half somewhat more. Memory: 20 bytes a product, and one row in the form of the writer.
 *
 * @param kernel whose row it takes, as the writer does
 * @param works the work of each source: the draws
 * @param withHalf whether `half` is wanted
 */
export function sampleRelations(
  graph: Graph,
  kernel: RowKernel,
  works: Float64Array,
  limits: RowLimits,
  writer: RowWriter,
  withHalf: boolean,
): RelationSample {
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

  const most = Math.min(graph.products, limits.top);
  const expected = works.map((work) => Math.min(most, -graph.products * Math.expm1(-work / graph.products)));
  let total = 0;
  let allWork = 0;
  let drawnWork = 0;
  expected.forEach((size, source) => {
    total += size;
    allWork += works[source]!;
    drawnWork += size * works[source]!;
  });
  const affordable = drawnWork === 0 ? 0 : (workShare * allWork * total) / drawnWork;
  const drawn = Math.min(mostSources, Math.max(leastSources, Math.floor(affordable)));
  let [relations, bytes, half, bytesSquared] = [0, 0, 0, 0];
  let passed = 0;
  let next = 0;
  for (let source = 0; source < works.length; source++) {
    const size = expected[source]!;
    passed += size;
    let times = 0;
    for (; next < drawn && ((next + 0.5) * total) / drawn < passed; next++) {
      times++;
    }
    if (times > 0) {
      if (withHalf) {
        half += (times * rowOf(source, 2)) / size;
      }
      const length = rowOf(source, 1);
      writer.row(source, length);
      const { bytes: buffer, length: written } = writer.buffer.take();
      // The memory that threads share never gets smaller.
      writer.buffer.reuse(buffer);
      const bytesFound = written / size;
      relations += (times * length) / size;
      bytes += times * bytesFound;
      bytesSquared += times * bytesFound ** 2;
    }
  }
  const mean = bytes / drawn;
  const deviation = Math.sqrt(Math.max(0, bytesSquared / drawn - mean ** 2));
  return {
    relations: (total * relations) / drawn,
    bytes: total * mean,
    half: withHalf && relations > 0 ? half / relations : 1,
    error: mean === 0 ? 0 : deviation / mean / Math.sqrt(drawn),
  };
}
