import { evaluate, type Figures, type ScoreName, scoreNames, scores } from 'also-viewed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareIntegerIds, compareTextIds, isIntegerId } from '#dist/tsv/relation-order.js';
import { anyId, escaped, integerId, views as viewsOf } from '../../arbitraries.ts';
import { bruteForce } from '../../brute-force.ts';
import { rowsFile } from './views-file.ts';

type Views = readonly (readonly [path: string, product: string])[];

const mean = (figures: readonly number[]): number => figures.reduce((sum, each) => sum + each, 0) / figures.length;

/** Products of each path, in the order of the rows. */
function pathsOf(views: Views): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const [path, product] of views) {
    paths.set(path, [...(paths.get(path) ?? []), product]);
  }
  return paths;
}

/** The lists of every product of the training part, from the definition. */
function listsOf(training: Views, score: ScoreName): Map<string, string[]> {
  const paths = [...pathsOf(training).values()];
  const count = (product: string): number => paths.filter((path) => path.includes(product)).length;
  const lists = new Map<string, { target: string; both: number; score: number }[]>();
  for (const [source, target, both] of bruteForce(training)) {
    const counts = { both, source: count(source), target: count(target), all: paths.length };
    const value = scores.get(score)(counts) ?? Number.NEGATIVE_INFINITY;
    lists.set(source, [...(lists.get(source) ?? []), { target, both, score: value }]);
  }
  return new Map(
    [...lists].map(([source, list]) => [
      source,
      // Stable: what is equal stays in the order of the ids.
      list.sort((a, b) => (a.score === b.score ? b.both - a.both : b.score - a.score)).map(({ target }) => target),
    ]),
  );
}

/** The lists of the benchmarks, from the definition: a product weighs as often as a view of it and one of the source are of one path. */
function ruleListsOf(training: Views): Map<string, string[]> {
  const weights = new Map<string, Map<string, number>>();
  for (const path of pathsOf(training).values()) {
    for (const [at, source] of path.entries()) {
      const list = weights.get(source) ?? new Map<string, number>();
      weights.set(source, list);
      for (const target of path.toSpliced(at, 1)) {
        list.set(target, (list.get(target) ?? 0) + 1);
      }
    }
  }
  const ids = [...weights.keys()];
  const compare = ids.every(isIntegerId) ? compareIntegerIds : compareTextIds;
  return new Map(
    [...weights].map(([source, list]) => [
      source,
      [...list].sort(([a, m], [b, n]) => n - m || compare(a, b)).map(([target]) => target),
    ]),
  );
}

function figuresBy(
  lists: ReadonlyMap<string, readonly string[]>,
  training: Views,
  tested: Views,
  targets: 'novel' | 'all',
  places: number,
): Omit<Figures, 'popularityRank'> {
  const found = [...pathsOf(tested).values()].flatMap((path) =>
    path.flatMap((product, at) => {
      const [before] = path.slice(at - 1);
      return at === 0 || before === undefined || (targets === 'novel' && path.indexOf(product) < at)
        ? []
        : [(lists.get(before) ?? []).slice(0, places).indexOf(product) + 1];
    }),
  );
  const products = new Set(training.map(([, product]) => product));
  const shown = [...lists.values()].map((list) => list.slice(0, places));
  return {
    places,
    hitRate: mean(found.map((place) => (place > 0 ? 1 : 0))),
    mrr: mean(found.map((place) => (place > 0 ? 1 / place : 0))),
    ndcg: mean(found.map((place) => (place > 0 ? 1 / Math.log2(1 + place) : 0))),
    coverage: new Set(shown.flat()).size / products.size,
    fullLists: shown.filter((list) => list.length === places).length / products.size,
  };
}

test('the figures of every score, and of the rules of benchmarks, are those of an independent count', async () => {
  const file = (views: Views): string =>
    rowsFile(
      'path_id\tproduct_id',
      views.map((row) => row.map(escaped).join('\t')),
    );
  const views = fc.oneof(viewsOf(integerId), viewsOf(anyId));
  const hasPairs = (views: Views): boolean => [...pathsOf(views).values()].some((path) => new Set(path).size > 1);
  // Both parts are of the same few products, so that they have some in common.
  const parts = views
    .chain((training) => fc.tuple(fc.constant(training), fc.shuffledSubarray(training)))
    .filter((both) => both.every(hasPairs));
  const anyTargets = fc.constantFrom('novel' as const, 'all' as const);
  await fc.assert(
    fc.asyncProperty(parts, anyTargets, fc.integer({ min: 1, max: 4 }), async ([training, tested], targets, places) => {
      const files = { train: file(training), test: file(tested) };
      const evaluation = await evaluate({ ...files, targets, cutoffs: [places] });
      for (const method of targets === 'all' ? [...scoreNames, 'rules' as const] : scoreNames) {
        const lists = method === 'rules' ? ruleListsOf(training) : listsOf(training, method);
        const { places: _, ...figures } = figuresBy(lists, training, tested, targets, places);
        const [found] = evaluation.methods.find((judged) => judged.method === method)?.figures ?? [];
        for (const [name, figure] of Object.entries(figures)) {
          expect({ ...found }, `${method} ${name}`).toHaveProperty(name, expect.closeTo(figure, 9));
        }
      }
    }),
  );
});
