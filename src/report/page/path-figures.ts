import type { ViewedPaths } from '../viewed-paths.ts';
import { median } from './figures.ts';
import { type Bin, Histogram } from './histogram.ts';

/** So many paths are named as the heaviest. */
const named = 10;

/** Caps that the page weighs: it would be a coarse cut that leaves out more than this share of the paths. */
const largestShare = 0.1;

export interface NamedPath {
  readonly id: string;
  readonly products: number;
  /** What it adds to the sum of all weights if it counts: n(n−1). */
  readonly pairs: number;
  /** False when it is left out for its length. */
  readonly counts: boolean;
}

/** What leaving out all paths with more products would remove. */
export interface Cap {
  readonly cap: number;
  readonly paths: number;
  readonly pairs: number;
  /** Whether the relations were limited so. */
  readonly inForce: boolean;
}

/** All paths of the views, those included that are left out for their length. */
export interface PathFigures {
  readonly paths: number;
  readonly views: number;
  /** Sum of n(n−1). */
  readonly pairs: number;
  /** Paths of a single product, which relate nothing. */
  readonly single: number;
  readonly leftOut: number;
  readonly median: number;
  readonly longest: number;
  readonly lengths: readonly Bin[];
  readonly heaviest: readonly NamedPath[];
  /** Of the paths that count: the longest, how many they are and what they add, and what all add. */
  readonly counting: { readonly longest: number; readonly pairs: number; readonly allPairs: number };
  readonly caps: readonly Cap[];
}

/** @param maxPathProducts paths with more do not count */
export function pathFigures(viewed: ViewedPaths, maxPathProducts: number): PathFigures {
  const lengths = Uint32Array.from({ length: viewed.paths }, (_, path) => viewed.length(path));
  const histogram = new Histogram();
  for (const length of lengths) {
    histogram.add(length);
  }
  const ascending = lengths.slice().sort();
  const longest = ascending.at(-1) ?? 0;
  const counting = ascending.subarray(0, ascending.findLastIndex((length) => length <= maxPathProducts) + 1);
  const longestCounting = counting.subarray(Math.max(0, counting.length - named)).filter((length) => length > 1);
  return {
    paths: viewed.paths,
    views: lengths.reduce((sum, length) => sum + length, 0),
    pairs: pairsOf(lengths),
    single: lengths.reduce((paths, length) => paths + (length === 1 ? 1 : 0), 0),
    leftOut: viewed.paths - viewed.all,
    median: median(lengths),
    longest,
    lengths: histogram.bins,
    heaviest: heaviest(lengths).map((path) => ({
      id: viewed.path(path),
      products: viewed.length(path),
      pairs: viewed.length(path) * (viewed.length(path) - 1),
      counts: viewed.counts(path),
    })),
    counting: {
      longest: longestCounting.length,
      pairs: pairsOf(longestCounting),
      allPairs: pairsOf(counting),
    },
    caps: capsBelow(longest, maxPathProducts)
      .map((cap) => {
        const removed = ascending.subarray(ascending.findLastIndex((length) => length <= cap) + 1);
        return { cap, paths: removed.length, pairs: pairsOf(removed), inForce: cap === maxPathProducts };
      })
      .filter(({ paths, inForce }) => inForce || paths <= largestShare * viewed.paths),
  };
}

function pairsOf(lengths: Uint32Array): number {
  return lengths.reduce((sum, length) => sum + length * (length - 1), 0);
}

/** Numbers of the longest paths, the longest first. */
function heaviest(lengths: Uint32Array): number[] {
  const longest: number[] = [];
  let least = 1;
  lengths.forEach((length, path) => {
    if (length > least) {
      longest.push(path);
      longest.sort((a, b) => lengths[b]! - lengths[a]!).splice(named);
      least = longest.length < named ? 1 : lengths[longest[named - 1]!]!;
    }
  });
  return longest;
}

/** 10, 20, 50, 100 and so on, and the one in force. */
function capsBelow(longest: number, inForce: number): number[] {
  const caps = inForce < longest ? [inForce] : [];
  for (let power = 10; power < longest; power *= 10) {
    caps.push(...[power, 2 * power, 5 * power].filter((cap) => cap < longest));
  }
  return [...new Set(caps)].sort((a, b) => a - b);
}
