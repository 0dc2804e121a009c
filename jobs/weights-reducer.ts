import { readFileSync } from 'node:fs';
import { IdTable } from '../src/relation/id-table.ts';
import { eachLine } from '../src/streaming/lines.ts';
import { reduceWeights } from '../src/streaming/reduce-weights.ts';
import { runTask } from '../src/streaming/task.ts';

/** The stripes of each source to `source TAB target TAB weight`; see src/streaming/reduce-weights.ts. */
runTask(
  ['ids', 'top', 'min-weight', 'targets-file', 'memory'],
  ({ input, output, counters, setting, count, memory, temporaryFile }) => {
    const targets = setting('targets-file');
    reduceWeights(input, output, counters, {
      order: setting('ids') === 'integer' ? 'integer' : 'text',
      top: count('top', Number.POSITIVE_INFINITY),
      minWeight: count('min-weight', 1),
      targets: targets === undefined ? undefined : idsOf(readFileSync(targets)),
      memory: memory('memory'),
      temporaryFile,
    });
  },
);

/** The lines of a file. */
function idsOf(file: Buffer): IdTable {
  const ids = new IdTable();
  eachLine([file], (bytes, start, end) => ids.intern(bytes, start, end));
  return ids;
}
