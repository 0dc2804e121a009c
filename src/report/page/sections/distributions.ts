import { columnChart, isLogarithmic } from '../chart.ts';
import { count, counted, median, share } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Bin, binLabel, Histogram } from '../histogram.ts';
import { type Html, html } from '../html.ts';
import { figure, table, text } from '../table.ts';

/** How long paths and lists are and how heavy relations, each as a chart and as a table. */
export async function distributions({ lists, paths }: ShopReport): Promise<Html> {
  const lengths = new Histogram();
  for (const length of lists.lengths) {
    lengths.add(length);
  }
  return html`<section aria-labelledby="distributions">
<h2 id="distributions">How long, how many, how heavy</h2>
<p>The bars stand for ranges that double from one to the next, so that small and large values have room on one scale.</p>
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
${await distribution(
  'Products in a list',
  `Half of the lists hold ${counted(median(lists.lengths), 'product')} or fewer. Products without a list are not among them.`,
  lengths.bins,
  'lists',
  'products in the list',
)}
${await distribution(
  'Weight of a relation',
  `The weight is the number of paths with both products. ${firstBin(lists.weights.bins)}`,
  lists.weights.bins,
  'relations',
  'weight',
)}
</div>
</section>`;
}

function firstBin(bins: readonly Bin[]): string {
  const all = bins.reduce((sum, { count }) => sum + count, 0);
  const least = bins.find(({ count }) => count > 0);
  return least === undefined ? '' : `${share(least.count, all)} of the relations have a weight of ${binLabel(least)}.`;
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
