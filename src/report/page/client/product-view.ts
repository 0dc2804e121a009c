import { compareScored } from '../../../relation/scores.ts';
import { count, element, percent, plural } from './element.ts';
import { type ScoreWords, scoreWords } from './score-words.ts';
import type { Related, Shop } from './shop.ts';
import { type Column, SortableTable, type Sorting } from './sortable-table.ts';

/** Rows of a list that are shown at first. */
const first = 20;

/** The orders of the two lists, kept from one product to the next. */
export interface Sortings {
  readonly list: Sorting;
  readonly reverse: Sorting;
}

/** As the lists of the shop are ordered. */
export function sortingsOf({ data: { score } }: Shop): Sortings {
  const sorting = (): Sorting => ({ head: score === 'weight' ? score : scoreWords[score].head, descending: true });
  return { list: sorting(), reverse: sorting() };
}

/** A product with its list and the lists that it is in. */
export function productView(shop: Shop, product: number, sortings: Sortings): HTMLElement {
  const { ids, names, paths, targets, sources, shownTargets, lists, reasons } = shop.data;
  const name = names[product];
  const list = shop.list(product);
  const all = targets[product]!;
  const reverse = shop.reverse(product);
  const allReverse = sources[product]!;
  const heading = element('h3', { tabindex: '-1', id: 'product-name' }, element('bdi', {}, name || ids[product]!));
  const facts = [
    ...(name ? [element('span', {}, 'id ', element('bdi', {}, ids[product]!))] : []),
    ...(paths === undefined ? [] : [`in ${plural(paths[product]!, 'path')}`]),
    `${plural(all, 'related product')}${list.length < all ? `, the first ${count(list.length)} are here` : ''}`,
    `in ${plural(allReverse, 'list')}${reverse.length < allReverse ? `; the ${count(reverse.length)} where it is among the first ${count(shownTargets)} are here` : ''}`,
  ];
  const view = element(
    'article',
    { 'aria-labelledby': 'product-name' },
    heading,
    element('p', { class: 'facts' }, ...facts.flatMap((fact, at) => (at === 0 ? [fact] : [' · ', fact]))),
    ...(list.length + reverse.length === 0 ? [] : [meanings(shop)]),
  );
  if (list.length > 0) {
    view.append(relatedTable(shop, 'People also viewed', list, 'place', sortings.list));
  } else {
    const reason = reasons[product];
    const why =
      product >= lists.length ? 'Its list is not in this page, to keep it small.' : reason && `No list: ${reason}.`;
    view.append(element('p', {}, why ?? 'It has no list.'));
  }
  view.append(
    reverse.length > 0
      ? relatedTable(shop, 'It is in the lists of', reverse, 'place there', sortings.reverse)
      : element('p', {}, allReverse === 0 ? 'It is in no list.' : 'It is in no list of this page.'),
  );
  return view;
}

/** What the columns mean. */
function meanings({ data: { score, paths } }: Shop): HTMLElement {
  const { head, meaning } = scoreWords[score];
  const words = [
    ['weight', 'paths with both products'],
    ...(paths === undefined
      ? []
      : [
          ['share', 'part of the paths of the product whose list it is'],
          [head, meaning],
        ]),
    ['place', `in the list, by ${score}`],
  ];
  return element(
    'details',
    {},
    element('summary', {}, 'What the columns mean'),
    element(
      'dl',
      { class: 'meanings' },
      ...words.map(([word = '', meaning = '']) =>
        element('div', {}, element('dt', {}, word), element('dd', {}, meaning)),
      ),
    ),
  );
}

function relatedTable(
  shop: Shop,
  caption: string,
  rows: readonly Related[],
  place: string,
  sorting: Sorting,
): HTMLElement {
  const { score } = shop.data;
  const size = (row: Related): number => (score === 'weight' ? row.weight : (row.score ?? 0));
  const largest = rows[0] === undefined ? 1 : size(rows[0]);
  const hasScores = rows.some(({ share }) => share !== undefined);
  const columns: Column<Related>[] = [
    {
      head: 'product',
      cell: (row) => labelWithBar(shop, row.product, size(row) > 0 ? size(row) / largest : 0),
      compare: (a, b) => shopOrder(shop, a.product, b.product),
    },
    {
      head: 'weight',
      numeric: true,
      cell: ({ weight }) => count(weight),
      compare: (a, b) => a.weight - b.weight,
    },
    ...(hasScores ? scoreColumns(scoreWords[score]) : []),
    {
      head: place,
      numeric: true,
      ascending: true,
      cell: (row) => count(row.place),
      compare: (a, b) => a.place - b.place,
    },
  ];
  const table = new SortableTable(caption, columns, first, sorting);
  table.rows = rows;
  return table.element;
}

const scoreColumns = ({ head, format }: ScoreWords): Column<Related>[] => [
  {
    head: 'share',
    numeric: true,
    cell: ({ share }) => (share === undefined ? '' : percent(share)),
    compare: (a, b) => (a.share ?? 0) - (b.share ?? 0),
  },
  {
    head,
    numeric: true,
    cell: ({ score }) => (score === undefined ? '–' : format(score)),
    compare: (a, b) => compareScored(b, a),
  },
];

/** A link to a product. */
export function productLink(shop: Shop, product: number): HTMLElement {
  const { ids, names } = shop.data;
  const id = ids[product]!;
  const name = names[product];
  const link = element('a', { href: `#product=${encodeURIComponent(id)}` }, element('bdi', {}, name || id));
  return name ? element('span', {}, link, ' ', element('bdi', { class: 'id' }, id)) : link;
}

function labelWithBar(shop: Shop, product: number, part: number): HTMLElement {
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' });
  bar.style.setProperty('--part', String(part));
  return element('div', {}, productLink(shop, product), bar);
}

/** By name, or by id where there is none. */
export function shopOrder(shop: Shop, a: number, b: number): number {
  const { ids, names } = shop.data;
  return collator.compare(names[a] || ids[a]!, names[b] || ids[b]!);
}

const collator = new Intl.Collator('en', { numeric: true });
