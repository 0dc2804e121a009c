import process from 'node:process';
import { mapPairs } from '../src/streaming/map-pairs.ts';
import { runTask } from '../src/streaming/task.ts';

/** Views to `path TAB product`; see src/streaming/map-pairs.ts. */
runTask(['path-column', 'product-column'], ({ input, output, counters, setting, warn }) => {
  const columns = { path: setting('path-column') ?? 'path_id', product: setting('product-column') ?? 'product_id' };
  const fromStart = (process.env['mapreduce_map_input_start'] ?? '0') === '0';
  const file = process.env['mapreduce_map_input_file'] ?? '-';
  mapPairs(input, output, counters, { columns, fromStart, file }, warn);
});
