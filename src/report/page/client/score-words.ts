import type { ScoreName } from '../../../relation/scores.ts';
import { decimals, times } from './element.ts';

/** How the page tells a score. */
export interface ScoreWords {
  readonly head: string;
  /** What it means, below the lists. */
  readonly meaning: string;
  readonly format: (score: number) => string;
}

const rare = 'not said of fewer than 6 paths';

const lift: ScoreWords = {
  head: 'vs chance',
  meaning: `how many times as often as if the two had nothing to do with each other; ${rare}`,
  format: times,
};

/** Of the score that stands beside the weight. */
export const scoreWords: Readonly<Record<ScoreName, ScoreWords>> = {
  weight: lift,
  lift,
  jaccard: { head: 'jaccard', meaning: 'of the paths with either product, the part with both', format: decimals(3) },
  cosine: {
    head: 'cosine',
    meaning: 'from 0 for products that are never in the same path to 1 for products that always are',
    format: decimals(3),
  },
  llr: {
    head: 'llr',
    meaning:
      'log-likelihood ratio: how sure it is that the two have to do with each other; below 0 they avoid each other',
    format: decimals(1),
  },
  npmi: {
    head: 'npmi',
    meaning: `1 for products that are only seen together, 0 for chance; ${rare}`,
    format: decimals(3),
  },
  surprise: {
    head: 'surprise',
    meaning: `how far above chance the weight is, in square roots of what chance gives; ${rare}`,
    format: decimals(1),
  },
};
