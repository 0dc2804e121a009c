import type { RelationFormat } from '../../tsv/relation-format.ts';
import type { RelationSample } from './draw-sources.ts';
import type { GraphCounts, HeavyPath } from './graph.ts';

/** How much further than the sample's standard error the truth may be before a job is refused for want of room. */
const errorsBelow = 3;

/** Bytes that a line has more than `source TAB target TAB weight LF`. */
const moreBytes: Readonly<Record<RelationFormat, number>> = { tsv: 0, csv: 0, jsonl: 33 };

/** What gzip leaves of relations: 23 to 27 % of those of `bench/generate.ts` and of real views, 13 % where ids are UUIDs; and the least that is believed. */
const packed = { expected: 0.25, least: 0.05 };

/**
 * Seconds of one thread, from what the views of `bench/generate.ts` take behind the reading (two shared cores of an AMD EPYC, Node.js 20): an
 * addition a pair; a relation found, looked up and formatted; what its cache misses add where there are a million products; a byte
 * copied, digested and written, or packed. Take it for the order of magnitude.
 */
const seconds = { pair: 1e-9, relation: 20e-9, misses: 50e-9, byte: 1.5e-9, packedByte: 9e-9 };
const productsOfMisses = 1e6;

/** Writing the parts and merging them makes a job some twice as long (`huge`, 20 M views: 31.8 s instead of 17.5 s). */
const partsFactor = 2;

/** What was counted in all views. */
export interface Counted {
  readonly counts: GraphCounts;
  readonly paths: number;
  readonly heaviest: readonly HeavyPath[];
}

/** The relations of all views. */
export interface Sampled {
  readonly lines: RelationSample;
  /** Those of each part, in the form in which they wait on disk to be merged; `undefined` where there are no parts. */
  readonly run: Pick<RelationSample, 'bytes' | 'error'> | undefined;
}

/** How the relations are written. */
export interface Form {
  readonly format: RelationFormat;
  readonly gzip: boolean;
  readonly threads: number;
  readonly products: number;
}

/** What relating will take, known before the first pair is formed. */
export interface Estimate {
  readonly views: number;
  readonly paths: number;
  /** Sum of n(n−1) over the paths. */
  readonly pairs: number;
  readonly relations: number;
  /** Bytes of the output as it is stored, and what it takes at the very least. */
  readonly bytes: number;
  readonly leastBytes: number;
  /** Bytes of all parts' relations on disk, and what they take at the very least; 0 without parts. */
  readonly runBytes: number;
  readonly leastRunBytes: number;
  /** Wall time from the first pair to the end. */
  readonly seconds: number;
  readonly heaviest: readonly HeavyPath[];
}

/** What relating will take. */
export function estimateOf({ counts, paths, heaviest }: Counted, { lines, run }: Sampled, form: Form): Estimate {
  const pairs = counts.weight;
  const relations = Math.min(pairs, lines.relations);
  const plainBytes = relations * moreBytes[form.format] + lines.bytes;
  const leastPlain = lines.bytes * atLeast(lines);
  const oneThread =
    pairs * seconds.pair +
    relations * (seconds.relation + seconds.misses * Math.min(1, form.products / productsOfMisses)) +
    plainBytes * (seconds.byte + (form.gzip ? seconds.packedByte : 0));
  const related = Math.max(plainBytes * seconds.byte, oneThread / form.threads);
  return {
    views: counts.views,
    paths,
    pairs,
    relations,
    bytes: plainBytes * (form.gzip ? packed.expected : 1),
    leastBytes: leastPlain * (form.gzip ? packed.least : 1),
    runBytes: run === undefined ? 0 : run.bytes,
    leastRunBytes: run === undefined ? 0 : run.bytes * atLeast(run),
    seconds: related * (run === undefined ? 1 : partsFactor),
    heaviest,
  };
}

function atLeast({ error }: Pick<RelationSample, 'error'>): number {
  return Math.max(0, 1 - errorsBelow * error);
}
