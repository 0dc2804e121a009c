import { columnChart, isLogarithmic } from '../chart.ts';
import { count, counted, median, share } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Bin, binLabel, Histogram } from '../histogram.ts';
import { type Html, html } from '../html.ts';
import type { RelationLists } from '../relation-lists.ts';
import { figure, table, text } from '../table.ts';

/** How long paths and lists are and how heavy relations, each as a chart and as a table. */
export async function distributions({ lists, paths }: ShopReport): Promise<Html | undefined> {
  if (lists.relations === 0 && paths === undefined) {
    return undefined;
  }
  const lengths = new Histogram();
  for (const length of lists.lengths) {
    lengths.add(length);
  }
  return html`<section aria-labelledby="distributions">
<h2 id="distributions">How long, how many, how heavy</h2>
<p>A bar ends at its label, at twice the value of the bar before it, so that small and large values have room on one scale.</p>
<div class="charts">
${
  paths &&
  (await distribution(
    'Products in a path',
    `Half of the paths hold ${counted(paths.median, 'product')} or fewer; the longest holds ${count(paths.longest)}.`,
    paths.lengths,
    'paths',
    'products in the path',
  ))
}
${
  lists.relations === 0
    ? undefined
    : await distribution(
        'Products in a list',
        `Half of the lists hold ${counted(median(lists.lengths), 'product')} or fewer. Products without a list are not among them.`,
        lengths.bins,
        'lists',
        'products in the list',
      )
}
${
  lists.relations === 0
    ? undefined
    : await distribution(
        'Weight of a relation',
        `The weight is the number of paths with both products. ${firstBin(lists)}`,
        lists.weights.bins,
        'relations',
        'weight',
      )
}
</div>
</section>`;
}

function firstBin({ weights, relations, leastWeight }: RelationLists): string {
  const [least] = weights.bins;
  return least === undefined
    ? ''
    : `The smallest is ${count(leastWeight)}; ${share(least.count, relations)} of the relations have a weight of ${binLabel({ ...least, from: leastWeight })}.`;
}

async function distribution(
  title: string,
  meaning: string,
  bins: readonly Bin[],
  unit: string,
  of: string,
): Promise<Html> {
  if (bins.length === 0) {
    return html`<figure><h3>${title}</h3><p>There are no ${unit}.</p></figure>`;
  }
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  const rows = bins.map((bin) => [binLabel(bin), count(bin.count), share(bin.count, all)]);
  return html`<figure>
<h3>${title}</h3>
<p>${meaning}</p>
${await columnChart(bins, unit, of, `${title}: column chart${isLogarithmic(bins) ? ' on a logarithmic scale' : ''}; the numbers are in the table below`)}
<details><summary>${title}: the numbers</summary>
${table(title, [text(of), figure(unit), figure('share')], rows)}
</details>
</figure>`;
}
