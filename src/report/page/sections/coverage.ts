import type { Reason } from '../coverage.ts';
import { count, counted, share } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import { productLabel } from '../product-label.ts';
import type { ShopProduct } from '../shop-products.ts';

/** Products that are named for each reason. */
const named = 12;

/** Why a product has no list, in words. */
export function reasonWords(minWeight: number): Record<Reason, string> {
  return {
    unviewed: 'nobody viewed it',
    leftOut: 'it is only in paths that were left out for their length',
    alone: 'it is always the only product of its path',
    rare: `it shares fewer than ${count(minWeight)} paths with any other product, too few for a relation`,
    unlisted: 'no target is left after the limits of the run, or the views are not those that were related',
  };
}

/**
 * Which products have no list, and why.
 *
 * @param shownProducts products that the page has
 */
export function coverage({ products, paths, minWeight }: ShopReport, shownProducts: number): Html {
  const without = products.filter(({ targets }) => targets === 0);
  const all = counted(products.length, 'product');
  const isAbove = without.length > named && shownProducts === products.length;
  const some =
    without.length === 0
      ? `All of ${all} have one.`
      : `${count(without.length)} of ${all} (${share(without.length, products.length)}) ${without.length === 1 ? 'has' : 'have'} none${isAbove ? ': the products above, sorted by “related”, have all of them.' : '.'}`;
  const unknown =
    paths === undefined ? ' The views (--views) would tell which others there are, and why they have none.' : '';
  return html`<section aria-labelledby="coverage">
<h2 id="coverage">Products without a list</h2>
<p>${some}${unknown}</p>
${without.length === 0 ? undefined : paths === undefined ? examples(without) : byReason(without, minWeight)}
</section>`;
}

function byReason(without: readonly ShopProduct[], minWeight: number): Html {
  const reasons = Object.entries(reasonWords(minWeight))
    .map(([reason, words]) => ({ words, those: without.filter((product) => product.reason === reason) }))
    .filter(({ those }) => those.length > 0);
  return html`<dl class="reasons">${reasons.map(
    ({ words, those }) =>
      html`<div><dt>${words[0]?.toUpperCase()}${words.slice(1)}: ${counted(those.length, 'product')}</dt><dd>${examples(those)}</dd></div>`,
  )}</dl>`;
}

function examples(those: readonly ShopProduct[]): Html {
  const more = those.length - named;
  const first = those.slice(0, named).map(({ id, name }) => productLabel(id, name));
  return html`<ul class="names">${first.map((label) => html`<li>${label}</li>`)}${more > 0 ? html`<li>and ${count(more)} more</li>` : undefined}</ul>`;
}
