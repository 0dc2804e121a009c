import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { type Scored, type ScoreName, scoreNames } from '../relation/scores.ts';
import { inFolder } from '../storage/storage.ts';
import { isQuery, readCatalogue } from '../tsv/catalogue.ts';
import type { ExplainOptions } from './explain.ts';
import type { FormatNumber } from './format-rows.ts';
import type { Lookup } from './lookup.ts';
import type { ViewedList, ViewedProduct } from './viewed-list.ts';
import type { ViewedPair } from './viewed-pair.ts';

/** What the relations were limited to. */
export interface ExplainLimits {
  readonly top: number;
  /** What orders the targets that `top` keeps. */
  readonly score: ScoreName;
  readonly minWeight: number;
  readonly maxPathProducts: number;
  /** The only products that may be targets, and the file that says so; `undefined` for all. */
  readonly targets: { readonly file: string; readonly ids: ReadonlySet<string> } | undefined;
}

/** What removed a relation that the views have. */
export interface Removal {
  readonly parameter: 'max-path-products' | 'min-weight' | 'products' | 'top';
  readonly limit: number | string;
  /** How far it is beyond the limit, in words. */
  readonly reason: string;
}

/**
 * The limits: those that are named, else those of the run.
 *
 * @throws ExpectedFailure when the file of products that is named cannot be read; one that the run had may be gone
 */
export async function limitsOf(
  options: ExplainOptions,
  { parameters, maxPathProducts, run }: Lookup,
  effects: Effects,
): Promise<ExplainLimits> {
  const ofRun = parameters['products']?.toString();
  const named = options.products ?? ofRun;
  // What the query of a run gave then is in its folder.
  const file = run && named === ofRun && isQuery(named ?? '') ? inFolder(run.folder, 'catalogue.tsv') : named;
  return {
    top: options.top ?? Number(parameters['top'] ?? Number.POSITIVE_INFINITY),
    score: options.score ?? scoreNames.find((name) => name === parameters['score']) ?? 'weight',
    minWeight: options.minWeight ?? Number(parameters['min-weight'] ?? 1),
    maxPathProducts,
    targets: file === undefined ? undefined : await targetsOf(file, options, effects),
  };
}

async function targetsOf(file: string, options: ExplainOptions, effects: Effects): Promise<ExplainLimits['targets']> {
  try {
    return { file, ids: new Set(await readCatalogue(file, options.columns.product, effects)) };
  } catch (error) {
    if (options.products !== undefined || !(error instanceof ExpectedFailure)) {
      throw error;
    }
    effects.log.warn(`The run was limited to the targets of a file that cannot be read: ${error.message}`);
    return undefined;
  }
}

/**
 * Which limit removed a target from a list: the first, in the order in which relating applies them.
 *
 * @param number how the reason writes counts
 * @returns `undefined` when none did, or when there is nothing to remove
 */
export function removalOf(
  pair: ViewedPair,
  list: ViewedList,
  target: ViewedProduct,
  { top, score, minWeight, maxPathProducts, targets }: ExplainLimits,
  number: FormatNumber,
): Removal | undefined {
  const { weight, leftOut } = pair;
  const whole = weight + leftOut.length;
  if (weight < minWeight && whole >= minWeight) {
    const more = number(pair.shortestLeftOut - maxPathProducts);
    const reason = `${number(leftOut.length)} of ${number(whole)} paths with both have more products, at least ${more} more`;
    return { parameter: 'max-path-products', limit: maxPathProducts, reason };
  }
  if (whole === 0) {
    return undefined;
  }
  if (weight < minWeight) {
    const others = leftOut.length === 0 ? '' : ` (${number(whole)} with the paths that are left out)`;
    return {
      parameter: 'min-weight',
      limit: minWeight,
      reason: `weight ${number(weight)}${others} is ${number(minWeight - whole)} below it`,
    };
  }
  if (targets !== undefined && !targets.ids.has(target.product)) {
    return { parameter: 'products', limit: targets.file, reason: `${target.product} is not among them` };
  }
  const rank = list.rank(target.number, minWeight, targets?.ids) ?? 0;
  const reason = (): string =>
    `it is number ${number(rank)} by ${score}, ${number(rank - top)} behind the last that is kept; that one has ${score} ${figureOf(list.at(top, minWeight, targets?.ids), number)}, this one ${figureOf(list.scored(target.number), number)}`;
  return rank > top ? { parameter: 'top', limit: top, reason: reason() } : undefined;
}

/** A weight or a score; three digits of it are enough. */
function figureOf(scored: Scored | undefined, number: FormatNumber): string {
  const score = scored?.score;
  if (score === undefined) {
    return 'none';
  }
  return Math.abs(score) < 1000 ? String(Number(score.toPrecision(3))) : number(Math.round(score));
}
