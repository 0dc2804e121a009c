import { reducePairs } from '../src/streaming/reduce-pairs.ts';
import { runTask } from '../src/streaming/task.ts';

/** Enough for 10 million views in a block; the process takes some 60 MB beside it. */
const defaultMemory = 256 << 20;

/** The products of each path to stripes `source (TAB target TAB count)*`; see src/streaming/reduce-pairs.ts. */
runTask(({ input, output, counters, count }) => {
  reducePairs(input, output, counters, {
    maxPathProducts: count('max-path-products', Number.POSITIVE_INFINITY),
    memory: count('memory', defaultMemory),
  });
});
