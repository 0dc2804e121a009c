import { mapPairs } from '../src/streaming/map-pairs.ts';
import { runTask } from '../src/streaming/task.ts';

/** Views to `path TAB product`; see src/streaming/map-pairs.ts. */
runTask(['path-column', 'product-column'], ({ input, output, counters, setting, warn }) => {
  const columns = { path: setting('path-column') ?? 'path_id', product: setting('product-column') ?? 'product_id' };
  const start = process.env['mapreduce_map_input_start'] ?? '0';
  const fromStart = start === '0';
  const name = process.env['mapreduce_map_input_file'] ?? '-';
  // Lines are counted from where the split begins.
  const file = fromStart ? name : `${name}, from byte ${start}`;
  mapPairs(input, output, counters, { columns, fromStart, file }, warn);
});
