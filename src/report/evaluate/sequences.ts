import type { Effects } from '../../effects.ts';
import { ViewChunks } from '../../engine/local/view-collector.ts';
import { ExpectedFailure } from '../../failure.ts';
import { inPieces, type Steps } from '../../in-turns.ts';
import { IdTable } from '../../relation/id-table.ts';
import { addUp } from '../../relation/transpose.ts';
import type { ViewSource } from '../../tsv/read-views.ts';
import { withStep } from '../../with-step.ts';
import { readCheckedViews } from '../count-paths.ts';
import type { ViewTime } from './view-time.ts';
import { ViewTimes } from './view-times.ts';

/** The views of each path in the order in which they were made: by time where they have one, else as they were read. */
export interface Sequences {
  readonly paths: IdTable;
  /** Views of path `p`: `viewed[starts[p], starts[p + 1])`, the numbers of their products. */
  readonly starts: Uint32Array;
  readonly viewed: Uint32Array;
  /** The last time of each path. */
  readonly ends: Float64Array | undefined;
  readonly timeKind: ViewTime['kind'] | undefined;
  /** The column that ordered them. */
  readonly timeColumn: string | undefined;
  /** Bytes that they take at the most, until they are evaluated. */
  readonly bytes: number;
}

/** Paths that are sorted in a step. */
const pathsAtOnce = 1 << 14;

/** How many views are read between two looks at the memory. */
const rowsBetweenLooks = 1 << 14;

/**
 * Bytes that views take at the most: two numbers while they are read, or in the training part, one in their sequence, and one each in
 * its row, the path lists and the product lists. With times it is earlier that they take most, twice 8 bytes more then.
 */
const viewBytes = { timed: 28, untimed: 20 };
/** For each path: starts of several lists, its last time, and what chooses those that are tested. */
const pathBytes = 40;
/** For each product: its entry in the tables, starts, a row of weights, and what the ways of making lists are judged by. */
const productBytes = 150;
/** A table of ids that grows holds its old arrays and its new ones. */
const whileGrowing = 1.5;

/**
 * Reads views in memory.
 *
 * @param source its time column orders the views
 * @param products where the products are numbered
 * @param timesNeeded whether views without a time are refused where no view has one
 * @param memory bytes that evaluating may take
 * @throws ExpectedFailure when they cannot be read, some only have a time, or they do not fit
 */
export async function readSequences(
  source: ViewSource,
  products: IdTable,
  timesNeeded: boolean,
  memory: number,
  effects: Effects,
): Promise<Sequences> {
  const paths = new IdTable();
  const views = new ViewChunks();
  const times = new ViewTimes();
  const needed = (): number => {
    const perView = viewBytes[times.kind === undefined ? 'untimed' : 'timed'];
    const tables = whileGrowing * (paths.memory + products.memory);
    return perView * views.rows + tables + pathBytes * paths.size + productBytes * products.size;
  };
  const throwIfTooLarge = (): void => {
    if (needed() > memory) {
      throw tooLarge(views.rows, memory, effects);
    }
  };
  const { time: found } = await readCheckedViews(
    source,
    (bytes, pathStart, pathEnd, start, end, timeEnd) => {
      if (views.rows % rowsBetweenLooks === 0) {
        throwIfTooLarge();
      }
      views.add(paths.intern(bytes, pathStart, pathEnd), products.intern(bytes, start, end));
      const text = (from: number, to: number): string =>
        Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
      const time = timeEnd === undefined ? undefined : text(end, timeEnd);
      times.add(time, () => `product ${text(start, end)} in path ${text(pathStart, pathEnd)}`);
    },
    effects,
  );
  throwIfTooLarge();
  times.check({ wanted: source.columns.time ?? '', found }, timesNeeded, effects);
  const bytes = needed();
  views.end();
  const sequences = await withStep(
    'Ordering the views',
    views.rows,
    'views',
    effects,
    sequencesOf(paths, views, times),
  );
  return { ...sequences, timeColumn: times.kind && found, bytes };
}

function tooLarge(rows: number, memory: number, { number }: Effects): ExpectedFailure {
  return new ExpectedFailure(
    'inputOutput',
    `Cannot evaluate the views: the first ${number(rows)} of them do not fit in ${number(Math.max(0, Math.floor(memory / 2 ** 20)))} MB of memory`,
    { remedy: 'Give more --memory if there is more, or evaluate a shorter time window.' },
  );
}

/** Empties the views on the way. */
function* sequencesOf(
  paths: IdTable,
  { chunks }: ViewChunks,
  times: ViewTimes,
): Steps<Omit<Sequences, 'bytes' | 'timeColumn'>> {
  const starts = new Uint32Array(paths.size + 1);
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += 2) {
      starts[chunk[at]! + 1]!++;
    }
    yield;
  }
  addUp(starts);
  const viewed = new Uint32Array(starts[paths.size]!);
  const viewedAt = times.kind === undefined ? undefined : new Float64Array(viewed.length);
  const next = starts.slice();
  let row = 0;
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
    for (let at = 0; at < chunk.length; at += 2, row++) {
      const place = next[chunk[at]!]!++;
      viewed[place] = chunk[at + 1]!;
      if (viewedAt !== undefined) {
        viewedAt[place] = times.at(row);
      }
    }
    yield;
  }
  if (viewedAt === undefined) {
    return { paths, starts, viewed, ends: undefined, timeKind: undefined };
  }
  const ends = new Float64Array(paths.size);
  yield* inPieces(paths.size, pathsAtOnce, (from, to) => {
    for (let path = from; path < to; path++) {
      sortByTime(viewed, viewedAt, starts[path]!, starts[path + 1]!);
      ends[path] = viewedAt[starts[path + 1]! - 1]!;
    }
  });
  return { paths, starts, viewed, ends, timeKind: times.kind };
}

/** Views of the same time stay in the order in which they were read. */
function sortByTime(viewed: Uint32Array, viewedAt: Float64Array, start: number, end: number): void {
  let sorted = true;
  for (let at = start + 1; at < end; at++) {
    sorted &&= viewedAt[at - 1]! <= viewedAt[at]!;
  }
  if (!sorted) {
    const order = Array.from({ length: end - start }, (_, at) => start + at).sort(
      (a, b) => viewedAt[a]! - viewedAt[b]!,
    );
    viewed.set(
      order.map((at) => viewed[at]!),
      start,
    );
    viewedAt.set(
      order.map((at) => viewedAt[at]!),
      start,
    );
  }
}
