import type { RelateSettings } from '../../engine/relate.ts';
import type { SplitName, StepTargets } from './split-names.ts';

/** Which views to evaluate on, and how. What is left out has its default. */
export interface EvaluateOptions
  extends Pick<
    RelateSettings,
    'pathColumn' | 'productColumn' | 'minWeight' | 'maxPathProducts' | 'memory' | 'threads'
  > {
  /** Files, folders, globs, `-` or `s3://` addresses of views, which are split. */
  readonly views?: string | readonly string[] | undefined;
  /** Instead of `views` a split that was made elsewhere: views to relate, and views whose steps are to be foreseen. */
  readonly train?: string | undefined;
  readonly test?: string | undefined;
  /** Default: by time when the views have one, else by leaving out the last new product of some paths. */
  readonly split?: SplitName | undefined;
  /** Column of the time of a view, which headers then have to have, and views unless `split` is `last`; default: `viewed_at` or another common name, if it is there. */
  readonly timeColumn?: string | undefined;
  /** Share of the paths that is tested, above 0 and below 1; default 0.2. */
  readonly testShare?: number | undefined;
  /** Of all that is left to chance; the same seed gives the same figures. Default 1. */
  readonly seed?: number | undefined;
  /** Default: `novel`. */
  readonly targets?: StepTargets | undefined;
  /** Places of a list that are shown, 1 to 1000; default: 10 and 20. */
  readonly cutoffs?: readonly number[] | undefined;
  /** A table of products with their categories; default: `products.tsv` beside the views, if there is one. */
  readonly names?: string | undefined;
}
