import type { Difference } from '../../diff.ts';
import { count, counted, median, share } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import { placeName } from '../place-name.ts';

/** The figures to know before all others, and what each means. */
export function headline({ lists, products, paths, minWeight, changes }: ShopReport): Html {
  const { lengths } = lists;
  const none = lists.relations === 0;
  const short = lengths.filter((length) => length < 5).length;
  return html`<section aria-labelledby="at-a-glance">
<h2 id="at-a-glance">At a glance</h2>
<dl class="headline">
${headlineFigure(
  'Products with a list',
  share(lists.sources, products.length),
  none
    ? `None of ${counted(products.length, 'product')}.`
    : lists.sources < products.length
      ? `${count(lists.sources)} of ${counted(products.length, 'product')}. The page of any other product has nothing to suggest.`
      : `All of ${counted(products.length, 'product')}.`,
)}
${
  none
    ? undefined
    : headlineFigure(
        'Products in a typical list',
        count(median(lengths)),
        `Half of the lists are at least this long. ${short === 0 ? 'None is' : short === 1 ? 'One is' : `${count(short)} are`} shorter than 5.`,
      )
}
${headlineFigure(
  'Relations',
  count(lists.relations),
  none
    ? 'There are no relations: no two products were viewed in the same path, or no pair of them often enough.'
    : `A relation is two products that people viewed in the same path${minWeight > 1 ? `, in ${count(minWeight)} paths or more` : ''}. ${lists.isBothWays ? 'Each counts in both directions.' : 'Lists were cut: of two products the one can be in the list of the other and not the other way round.'}`,
)}
${
  paths &&
  headlineFigure(
    'Paths',
    count(paths.paths),
    `A path is one visit of one user. ${share(paths.single, paths.paths)} of them saw a single product, which relates nothing${paths.leftOut === 0 ? '' : `; ${count(paths.leftOut)} ${paths.leftOut === 1 ? 'was' : 'were'} left out for ${paths.leftOut === 1 ? 'its' : 'their'} length`}. Views in all: ${count(paths.views)}, each product of a path once.`,
  )
}
${
  changes &&
  headlineFigure(
    'Relations that changed',
    share(
      changes.difference.added + changes.difference.changed + changes.difference.removed,
      changes.difference.added + changes.difference.changed + changes.difference.removed + changes.difference.unchanged,
    ),
    `${changedWords(changes.difference)} since ${placeName(changes.name)}.`,
  )
}
</dl>
</section>`;
}

/** What changed, in words. */
function changedWords({ added, changed, removed }: Pick<Difference, 'added' | 'changed' | 'removed'>): string {
  return added + changed + removed === 0
    ? 'Nothing changed'
    : `${count(removed)} gone, ${count(added)} new, ${count(changed)} of another weight`;
}

function headlineFigure(name: string, figure: string, meaning: string): Html {
  return html`<div><dt>${name}</dt><dd><span class="big">${figure}</span> <span class="meaning">${meaning}</span></dd></div>`;
}
