import { ViewChunks } from '../../engine/local/view-collector.ts';
import { ExpectedFailure } from '../../failure.ts';
import { inPieces, type Steps } from '../../in-turns.ts';
import { seededRandom } from '../../seeded-random.ts';
import type { Sequences } from './sequences.ts';
import type { StepTargets } from './split-names.ts';
import { StepFinder } from './steps.ts';

/** Paths that are split in a step. */
const pathsAtOnce = 1 << 16;

/** What is related, and what is to be foreseen from it. Products have the numbers of the sequences. */
export interface Split {
  /** Views of the training part, and a number that is larger than that of each of their paths. */
  readonly training: ViewChunks;
  readonly paths: number;
  /** Source and target of each step. */
  readonly steps: ViewChunks;
  /** Paths that have a step. */
  readonly testPaths: number;
  /** Share of the paths that may be tested which is; `undefined` when that was decided elsewhere. */
  readonly testedShare: number | undefined;
}

/**
 * The paths that end last are the test part, so that nothing in the training part is from the time that is to be foreseen.
 *
 * @param ends the last time of each path
 * @param share of the paths that is tested, or the nearest to it that there is: paths that end at the same time stay together
 * @returns also the time at which the test part begins
 * @throws ExpectedFailure `badData` when no path ends before the others
 */
export function* splitByTime(
  sequences: Sequences,
  ends: Float64Array,
  share: number,
  products: number,
  targets: StepTargets,
): Steps<Split & { readonly cut: number }> {
  const sorted = ends.slice().sort();
  const first = firstTested(sorted, (1 - share) * sorted.length);
  if (first === undefined) {
    throw new ExpectedFailure('badData', 'Cannot split the views by time: all paths end at the same time', {
      remedy: 'Give views of more time, or leave out last products with --split last.',
    });
  }
  const cut = sorted[first]!;
  const training = new ViewChunks();
  const steps = new ViewChunks();
  const finder = new StepFinder(sequences, products, targets);
  let testPaths = 0;
  yield* eachPath(ends.length, (path) => {
    if (ends[path]! < cut) {
      addPath(training, sequences, path);
    } else {
      testPaths += finder.addSteps(path, steps) ? 1 : 0;
    }
  });
  return { training, paths: ends.length, steps, testPaths, testedShare: 1 - first / ends.length, cut };
}

/** The place nearest to the wanted one where a time begins, other than the first; `undefined` when there is one time only. */
function firstTested(sorted: Float64Array, wanted: number): number | undefined {
  const time = sorted[Math.min(sorted.length - 1, Math.floor(wanted))]!;
  return [sorted.indexOf(time), sorted.lastIndexOf(time) + 1]
    .filter((place) => place > 0 && place < sorted.length)
    .sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0];
}

/**
 * Leaves out the last new product of some paths, with all of its views in the path; the rest of the path is in the training part.
 *
 * @param share of the paths with more than one product, at least one of them; which ones depends on the seed and the ids of the paths
 */
export function* splitLast(sequences: Sequences, share: number, seed: number, products: number): Steps<Split> {
  const { paths } = sequences;
  const finder = new StepFinder(sequences, products, 'novel');
  const keys = new Float64Array(paths.size).fill(Number.POSITIVE_INFINITY);
  yield* eachPath(paths.size, (path) => {
    if (finder.lastNew(path) !== undefined) {
      keys[path] = seededRandom(paths.hash(path) ^ seed)();
    }
  });
  const sorted = keys.filter((key) => key < 1).sort();
  const largest = sorted[Math.max(1, Math.round(share * sorted.length)) - 1] ?? -1;
  const chosen = new StepFinder(sequences, products, 'novel');
  const training = new ViewChunks();
  const steps = new ViewChunks();
  yield* eachPath(paths.size, (path) => {
    const step = keys[path]! <= largest ? chosen.lastNew(path) : undefined;
    addPath(training, sequences, path, step?.target);
    if (step !== undefined) {
      steps.add(step.source, step.target);
    }
  });
  return { training, paths: paths.size, steps, testPaths: steps.rows, testedShare: steps.rows / sorted.length };
}

/** A split that was made elsewhere. */
export function* splitGiven(train: Sequences, test: Sequences, products: number, targets: StepTargets): Steps<Split> {
  const training = new ViewChunks();
  yield* eachPath(train.paths.size, (path) => addPath(training, train, path));
  const steps = new ViewChunks();
  const finder = new StepFinder(test, products, targets);
  let testPaths = 0;
  yield* eachPath(test.paths.size, (path) => {
    testPaths += finder.addSteps(path, steps) ? 1 : 0;
  });
  return { training, paths: train.paths.size, steps, testPaths, testedShare: undefined };
}

function* eachPath(paths: number, work: (path: number) => void): Steps<void> {
  yield* inPieces(paths, pathsAtOnce, (from, to) => {
    for (let path = from; path < to; path++) {
      work(path);
    }
  });
}

function addPath(training: ViewChunks, { starts, viewed }: Sequences, path: number, leftOut = -1): void {
  for (let at = starts[path]!; at < starts[path + 1]!; at++) {
    if (viewed[at] !== leftOut) {
      training.add(path, viewed[at]!);
    }
  }
}
