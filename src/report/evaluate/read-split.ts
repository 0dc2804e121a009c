import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { Steps } from '../../in-turns.ts';
import { IdTable } from '../../relation/id-table.ts';
import { defaultTimeColumn } from '../../tsv/view-columns.ts';
import { withStep } from '../../with-step.ts';
import type { EvaluateOptions } from './options.ts';
import type { PathViews } from './rule-lists.ts';
import { readSequences, type Sequences } from './sequences.ts';
import { type Split, splitByTime, splitGiven, splitLast } from './split.ts';
import { timeText } from './view-time.ts';

/** The views that are evaluated, split. */
export interface SplitViews extends Split {
  readonly products: IdTable;
  readonly split: 'time' | 'last' | 'given';
  /** The column that ordered the views of each path. */
  readonly timeColumn: string | undefined;
  readonly cut: string | undefined;
  /** The views that the training part was taken from, in the paths that it has, where repeated ones are to be foreseen. */
  readonly repeated: PathViews | undefined;
}

/**
 * Reads the views and splits them.
 *
 * @throws ExpectedFailure `usage` when the options do not say which views, or do not go together; `badData` when the views cannot be split so
 */
export async function readSplit(
  options: EvaluateOptions,
  columns: { readonly path: string; readonly product: string },
  settings: { readonly testShare: number; readonly seed: number; readonly memory: number },
  effects: Effects,
): Promise<SplitViews> {
  const { train, test, split, targets = 'novel' } = options;
  const views = [options.views ?? []].flat();
  if ((train === undefined) !== (test === undefined) || (train === undefined) === (views.length === 0)) {
    throw new ExpectedFailure('usage', 'Cannot evaluate without views, or with two kinds of them', {
      remedy: 'Name views, which are split, or a split that was made elsewhere by both --train and --test.',
    });
  }
  if (split !== undefined && train !== undefined) {
    throw new ExpectedFailure('usage', 'Cannot split views that are split: --split does not go with --train', {
      remedy: 'Leave out --split.',
    });
  }
  if (options.testShare !== undefined && train !== undefined) {
    throw new ExpectedFailure(
      'usage',
      'Cannot test a share of views that are split: --test-share does not go with --train',
      {
        remedy: 'Leave out --test-share.',
      },
    );
  }
  const time = options.timeColumn ?? defaultTimeColumn;
  const products = new IdTable();
  const timesNeeded = split === 'time' || (split === undefined && options.timeColumn !== undefined);
  const read = (locations: readonly string[], memory: number): Promise<Sequences> =>
    readSequences({ locations, columns: { ...columns, time } }, products, timesNeeded, memory, effects);
  const step = <T>(views: number, split: Steps<T>): Promise<T> =>
    withStep('Splitting the views', views, 'views', effects, split);
  if (train !== undefined && test !== undefined) {
    const sequences = await read([train], settings.memory);
    const tested = await read([test], settings.memory - sequences.bytes);
    const given = await step(
      sequences.viewed.length + tested.viewed.length,
      splitGiven(sequences, tested, products.size, targets),
    );
    return {
      ...given,
      products,
      split: 'given',
      timeColumn: tested.timeColumn,
      cut: undefined,
      repeated: targets === 'all' ? viewsOf(sequences) : undefined,
    };
  }
  const sequences = await read(views, settings.memory);
  const { viewed, ends, timeKind, timeColumn } = sequences;
  if (ends !== undefined && timeKind !== undefined && split !== 'last') {
    const { cut, ...parts } = await step(
      viewed.length,
      splitByTime(sequences, ends, settings.testShare, products.size, targets),
    );
    return {
      ...parts,
      products,
      split: 'time',
      timeColumn,
      cut: timeText({ kind: timeKind, at: cut }),
      repeated: targets === 'all' ? viewsOf(sequences) : undefined,
    };
  }
  if (targets === 'all') {
    throw new ExpectedFailure('usage', 'Cannot foresee all views where the last new product of a path is left out', {
      remedy: 'Leave out --targets all, or split by time.',
    });
  }
  const parts = await step(viewed.length, splitLast(sequences, settings.testShare, settings.seed, products.size));
  return { ...parts, products, split: 'last', timeColumn, cut: undefined, repeated: undefined };
}

/** Without the rest, which is not held any longer then. */
function viewsOf({ starts, viewed }: Sequences): PathViews {
  return { starts, viewed };
}
