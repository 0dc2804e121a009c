import { printable, titleOf } from '../printable.ts';
import type { ExplainedProduct, Explanation } from './explain.ts';
import { type FormatNumber, formatRows, plainTable, rounded } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

/** An explanation as text; all but the table are figures by name. */
export async function formatExplanation(
  explanation: Explanation,
  format: ListFormat,
  number: FormatNumber,
): Promise<string> {
  switch (format) {
    case 'table':
      return await formatTable(explanation, number);
    case 'tsv':
    case 'csv':
      return await formatRows(
        ['figure', 'value'],
        [...figuresOf(explanation), ...explanation.shared.map(({ path }) => ['shared_path', path])],
        format,
      );
    case 'jsonl':
      return `${JSON.stringify(explanation)}\n`;
  }
}

function figuresOf({ source, target, weight, paths, expected, ratio, scores, leftOut }: Explanation): string[][] {
  const { weight: _, ...others } = scores;
  return Object.entries({
    source: source.product,
    target: target.product,
    weight,
    paths_with_source: source.paths,
    paths_with_target: target.paths,
    paths,
    expected,
    ratio,
    rank_of_target: source.rank,
    targets_of_source: source.relations,
    rank_of_source: target.rank,
    sources_of_target: target.relations,
    ...others,
    paths_left_out: leftOut,
    target_removed_by: source.removed?.parameter,
    target_removed_limit: source.removed?.limit,
    target_removed_reason: source.removed?.reason,
    source_removed_by: target.removed?.parameter,
    source_removed_limit: target.removed?.limit,
    source_removed_reason: target.removed?.reason,
  }).map(([name, value]) => [name, value === undefined ? '' : String(value)]);
}

async function formatTable(explanation: Explanation, number: FormatNumber): Promise<string> {
  const { source, target, weight, paths, expected, ratio, scores, shared, leftOut } = explanation;
  const [a, b] = [source.product, target.product];
  const share = ({ paths }: ExplainedProduct): string =>
    paths === 0 ? '' : `${((100 * weight) / paths).toFixed(1)} % of them have both`;
  const place = (list: ExplainedProduct, other: string): string[] => [
    `place of ${other} in the list of ${list.product}`,
    list.rank === undefined ? '' : number(list.rank),
    list.relations === 0
      ? 'it has none'
      : `${list.rank === undefined ? 'not among its' : 'of'} ${number(list.relations)}`,
  ];
  const rows = [
    ['paths with both', number(weight), leftOut === 0 ? '' : `and ${number(leftOut)} left out for too many products`],
    [`paths with ${a}`, number(source.paths), share(source)],
    [`paths with ${b}`, number(target.paths), share(target)],
    ['paths in all', number(paths), ''],
    [
      'paths with both expected by chance',
      rounded(expected, number),
      ratio === undefined || weight === 0 ? '' : `there are ${rounded(ratio, number)} times as many`,
    ],
    place(source, b),
    place(target, a),
    ...Object.entries(scores)
      .filter(([name]) => name !== 'weight')
      .map(([name, score]) => [name, rounded(score, number), '']),
  ];
  const examples = shared.map(({ path, products }) => `${printable(path)} (${number(products)} products)`);
  return [
    `${titleOf(source)}\n${titleOf(target)}\n`,
    await plainTable(undefined, ['left', 'right', 'left'], rows),
    examples.length === 0 ? 'No path that counts has both.\n' : `Shortest paths with both: ${examples.join(', ')}\n`,
    ...[[source, b] as const, [target, a] as const].flatMap(([{ product, removed }, other]) =>
      removed === undefined
        ? []
        : [
            `${printable(other)} is not in the list of ${printable(product)} because of --${removed.parameter} ${printable(`${removed.limit}: ${removed.reason}`)}\n`,
          ],
    ),
  ].join('\n');
}
