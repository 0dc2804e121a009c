import { printable } from '../../printable.ts';
import { type FormatNumber, formatRows, plainTable } from '../format-rows.ts';
import type { ListFormat } from '../list-formats.ts';
import type { Evaluation, Protocol } from './evaluate.ts';
import type { Figures } from './tally.ts';

/** The figures as text; the table and the JSON have the protocol too. */
export async function formatFigures(evaluation: Evaluation, format: ListFormat, number: FormatNumber): Promise<string> {
  switch (format) {
    case 'table':
      return await formatTables(evaluation, number);
    case 'tsv':
    case 'csv':
      return await formatRows(columns, rowsOf(evaluation), format);
    case 'jsonl':
      return `${JSON.stringify(evaluation)}\n`;
  }
}

const columns = ['method', 'places', 'hit_rate', 'mrr', 'ndcg', 'coverage', 'full_lists', 'popularity_rank'];

function rowsOf({ methods }: Evaluation): string[][] {
  return methods.flatMap(({ method, figures }) =>
    figures.map(({ places, hitRate, mrr, ndcg, coverage, fullLists, popularityRank }) => [
      method,
      String(places),
      ...[hitRate, mrr, ndcg, coverage, fullLists].map((figure) => figure.toFixed(6)),
      popularityRank?.toFixed(2) ?? '',
    ]),
  );
}

async function formatTables(evaluation: Evaluation, number: FormatNumber): Promise<string> {
  const { methods, best } = evaluation;
  const tables: string[] = [];
  for (const [at, { places }] of (methods[0]?.figures ?? []).entries()) {
    const rows = methods.flatMap(({ method, figures }) =>
      figures[at] === undefined ? [] : [[method, ...cellsOf(figures[at], number)]],
    );
    tables.push(
      await plainTable(
        [`first ${places}`, 'hit rate', 'MRR', 'nDCG', 'coverage', 'full lists', 'popularity rank'],
        ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
        rows,
      ),
    );
  }
  const last = best === undefined ? 'No score foresees a step.' : `Largest nDCG of a score: ${best}.`;
  return [`${protocolLines(evaluation, number).join('\n')}\n`, ...tables, `${last}\n`].join('\n');
}

function cellsOf(figures: Figures, number: FormatNumber): string[] {
  const { hitRate, mrr, ndcg, coverage, fullLists, popularityRank } = figures;
  const share = (figure: number): string => `${(100 * figure).toFixed(1)} %`;
  return [
    share(hitRate),
    mrr.toFixed(4),
    ndcg.toFixed(4),
    share(coverage),
    share(fullLists),
    popularityRank === undefined ? '' : number(Math.round(popularityRank)),
  ];
}

/** How the figures came about, in sentences. */
export function protocolLines({ protocol, methods }: Evaluation, number: FormatNumber): string[] {
  const { paths, products, leftOutPaths, testPaths, steps, unknownSources, unknownTargets } = protocol;
  const cutoffs = methods[0]?.figures.map(({ places }) => String(places)).join(' and ') ?? '';
  const limits = [
    protocol.minWeight === 1 ? '' : `; no relation of fewer than ${number(protocol.minWeight)} paths`,
    protocol.maxPathProducts === undefined
      ? ''
      : `; paths of more than ${number(protocol.maxPathProducts)} products, which are left out: ${number(leftOutPaths)}`,
  ].join('');
  const views =
    protocol.targets === 'novel'
      ? `${number(steps)} views of products that are new to their path, in ${number(testPaths)} paths`
      : `${number(steps)} views, all but the first of ${number(testPaths)} paths`;
  const order = protocol.timeColumn === undefined ? 'the rows' : printable(protocol.timeColumn);
  return [
    `Split: ${splitOf(protocol)}.`,
    `Related: ${number(products)} products over ${number(paths)} paths${limits}.`,
    `Foreseen: ${views}, each by the list of the product viewed just before it, in the order of ${order}.`,
    `Certain misses: ${number(unknownSources)} behind a product that is not in what was related, ${number(unknownTargets)} of such a product.`,
    `Lists: the first ${cutoffs} by score, ties by weight, then by id; what the path has seen is not taken out.`,
    `Baselines: the products of most paths; random ones ${
      protocol.categories ? 'of the same category where it is known, else of all' : 'of all'
    }, seed ${protocol.seed}.`,
    ...(methods.some(({ method }) => method === 'rules')
      ? [
          'Rules: as session-rec counts them; every pair of views of a path, repeated ones and those of one product too.',
        ]
      : []),
    'Coverage: share of the products that stand in some list; full lists: of those with a list so long; popularity rank: mean of what stands in the lists.',
  ];
}

function splitOf({ split, timeColumn, cut, testShare = 0, testedShare = 0, seed }: Protocol): string {
  const share = percent(testedShare);
  const wanted = percent(testShare);
  switch (split) {
    case 'time':
      return `by ${printable(timeColumn ?? '')}: the ${share} of the paths that end last, at ${cut} or later, are foreseen from those that end before${
        share === wanted ? '' : `; no other time to split at is nearer to ${wanted}`
      }`;
    case 'last':
      return `the last new product of ${share} of the paths with several is left out, seed ${seed}`;
    case 'given':
      return 'made elsewhere';
  }
}

/** With a digit behind the point, unless that is none. */
function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))} %`;
}
