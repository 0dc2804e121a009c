import type { Reason } from '../coverage.ts';
import { count, counted, share } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import { productLabel } from '../product-label.ts';
import type { ShopProduct } from '../shop-products.ts';
import { figure, table, text } from '../table.ts';

/** Products that are named for each reason. */
const named = 12;

/** Why a product has no list, in words. */
export function reasonWords(minWeight: number): Record<Reason, string> {
  return {
    unviewed: 'nobody viewed it',
    leftOut: 'it is only in paths that were left out for their length',
    alone: 'it is always the only product of its path',
    rare: `no other product shares ${count(minWeight)} paths with it, as many as every relation has`,
    unlisted: 'no target is left after the limits of the run, or the views are not those that were related',
  };
}

/** Which products have no list, and why. */
export function coverage({ products, paths, minWeight }: ShopReport): Html {
  const without = products.filter(({ targets }) => targets === 0);
  const all = counted(products.length, 'product');
  return html`<section aria-labelledby="coverage">
<h2 id="coverage">Products without a list</h2>
<p>${
    without.length === 0
      ? `All of ${all} have one.`
      : `${count(without.length)} of ${all} (${share(without.length, products.length)}) ${without.length === 1 ? 'has' : 'have'} none.`
  }${paths === undefined ? ' The views (--views) would tell which others there are, and why they have none.' : undefined}</p>
${without.length > 0 && paths !== undefined ? reasonTable(without, minWeight) : undefined}
</section>`;
}

function reasonTable(without: readonly ShopProduct[], minWeight: number): Html {
  const rows = Object.entries(reasonWords(minWeight)).map(([reason, words]) => ({
    words,
    those: without.filter((product) => product.reason === reason),
  }));
  return table(
    'By reason',
    [text('because'), figure('products'), text('which')],
    rows
      .filter(({ those }) => those.length > 0)
      .map(({ words, those }) => [html`<span class="reason">${words}</span>`, count(those.length), examples(those)]),
  );
}

function examples(those: readonly ShopProduct[]): Html {
  const more = those.length - named;
  const first = those.slice(0, named).map(({ id, name }) => productLabel(id, name));
  return html`<ul class="names">${first.map((label) => html`<li>${label}</li>`)}${more > 0 ? html`<li>and ${count(more)} more</li>` : undefined}</ul>`;
}
