import { evaluate, type ScoreName, scoreNames } from 'also-viewed';
import { expect, test } from 'vitest';
import { viewsFile } from './views-file.ts';

/** Of 137 paths, 98 have the source. Of each other product: the paths with both and all of its own, so that it is first by that score alone. */
const planted: Readonly<Record<ScoreName, readonly [both: number, all: number]>> = {
  weight: [80, 114],
  jaccard: [73, 85],
  cosine: [71, 80],
  lift: [33, 33],
  llr: [63, 67],
  npmi: [66, 71],
  surprise: [53, 55],
};

const paths = Array.from({ length: 137 }, (_, path) => {
  const others = scoreNames.filter((score) => {
    const [both, all] = planted[score];
    return path < both || (path >= 98 && path < 98 + all - both);
  });
  return `${path}: ${[path < 98 ? 'source' : 'another', ...others].join(' ')}`;
});

test.each(scoreNames)(
  'where people view next what is first by %s, that is the best score and the others are wrong',
  async (score) => {
    const { best, methods } = await evaluate({
      train: viewsFile(...paths),
      test: viewsFile(`1: source ${score}`, `2: source ${score}`),
      cutoffs: [1],
    });
    expect(best).toBe(score);
    const right = methods.filter(({ figures }) => figures[0]?.hitRate === 1).map(({ method }) => method);
    expect(right.filter((method) => method !== 'popularity' && method !== 'random')).toEqual([score]);
  },
);
