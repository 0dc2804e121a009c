import type { Effects } from '../effects.ts';
import { readViews, type ViewCounts, type ViewSource } from '../tsv/read-views.ts';
import { RejectedRows } from '../tsv/rejected-rows.ts';
import type { ViewSink } from '../tsv/view-sink.ts';

/**
 * Reads views to count them, and tells of rows that are none.
 *
 * @param rejected gets the rows that are rejected
 * @throws ExpectedFailure when they cannot be read or too many rows are none
 */
export async function readCheckedViews(
  source: ViewSource,
  view: ViewSink['view'],
  effects: Effects,
  rejected = new RejectedRows(undefined, effects),
): Promise<ViewCounts> {
  let done = 0;
  const counted: ViewSink['view'] = (bytes, pathStart, pathEnd, start, end, timeEnd) => {
    done++;
    view(bytes, pathStart, pathEnd, start, end, timeEnd);
  };
  const progress = (total?: number): void =>
    effects.progress({ stage: 'Reading the views', done, total, unit: 'views' });
  const counts = await readViews(source, { view: counted }, rejected, effects, async () => progress());
  progress(done);
  rejected.throwIfTooMany(source.locations.join(', '), counts.rows);
  rejected.report(counts.rows);
  return counts;
}

/**
 * The distinct paths of some products, whatever the paths hold besides. Memory: the ids of these paths.
 *
 * @param products distinct
 * @throws ExpectedFailure as `readCheckedViews` does
 */
export async function pathsWith(
  products: readonly string[],
  views: ViewSource,
  effects: Effects,
): Promise<Map<string, ReadonlySet<string>>> {
  const wanted = products.map((product) => ({ product, id: Buffer.from(product), paths: new Set<string>() }));
  const view: ViewSink['view'] = (bytes, pathStart, pathEnd, start, end) => {
    for (const { id, paths } of wanted) {
      if (isId(id, bytes, start, end)) {
        paths.add(Buffer.from(bytes.buffer, bytes.byteOffset + pathStart, pathEnd - pathStart).toString('utf8'));
      }
    }
  };
  await readCheckedViews(views, view, effects);
  return new Map(wanted.map(({ product, paths }) => [product, paths]));
}

/** Called for every view: most ids differ in length or in their last bytes. */
function isId(id: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (id.length !== end - start) {
    return false;
  }
  for (let at = id.length - 1; at >= 0; at--) {
    if (id[at] !== bytes[start + at]) {
      return false;
    }
  }
  return true;
}
