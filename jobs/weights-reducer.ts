import { readFileSync } from 'node:fs';
import { reduceWeights } from '../src/streaming/reduce-weights.ts';
import { runTask } from '../src/streaming/task.ts';

/** The stripes of each source to `source TAB target TAB weight`; see src/streaming/reduce-weights.ts. */
runTask(({ input, output, counters, setting, count }) => {
  const targets = setting('targets-file');
  reduceWeights(input, output, counters, {
    order: setting('ids') === 'integer' ? 'integer' : 'text',
    top: count('top', Number.POSITIVE_INFINITY),
    minWeight: count('min-weight', 1),
    targets: targets === undefined ? undefined : readFileSync(targets, 'utf8').split('\n'),
  });
});
