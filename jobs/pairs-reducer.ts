import { reducePairs } from '../src/streaming/reduce-pairs.ts';
import { runTask } from '../src/streaming/task.ts';

/** The products of each path to stripes `source (TAB target TAB count)*`; see src/streaming/reduce-pairs.ts. */
runTask(['max-path-products', 'memory'], ({ input, output, counters, count, memory, temporaryFile }) => {
  reducePairs(input, output, counters, {
    maxPathProducts: count('max-path-products', Number.POSITIVE_INFINITY),
    memory: memory('memory'),
    temporaryFile,
  });
});
