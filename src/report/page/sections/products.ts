import path from 'node:path';
import { count } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import type { PackedShop } from '../pack-shop.ts';
import { keptTargets } from '../relation-lists.ts';

/** Where the script shows the products and their lists. */
export function productSection(
  { shownTargets, shownProducts }: PackedShop,
  { products: { length: products }, lists, found, location }: ShopReport,
): Html {
  if (lists.relations === 0) {
    return html`<section aria-labelledby="products">
<h2 id="products">Look up a product</h2>
<p>No product has a list.</p>
<div id="shop"></div>
</section>`;
  }
  const isCut = lists.longest > shownTargets;
  const less =
    shownProducts < products
      ? ` To keep it small it has the ${count(shownProducts)} products in most paths, of ${count(products)}${isCut ? `, and the first ${count(shownTargets)} of each list` : ''}.`
      : !isCut
        ? ''
        : shownTargets < keptTargets
          ? ` To keep it small it has the first ${count(shownTargets)} of each list.`
          : ` The page has the first ${count(shownTargets)} of each list.`;
  const { score = 'weight' } = found.parameters;
  const kept = score === 'weight' ? '' : ` The lists are kept by ${score}, shown by weight.`;
  const from = found.run === undefined ? ` --relations ${path.basename(location)}` : '';
  return html`<section aria-labelledby="products">
<h2 id="products">Look up a product</h2>
<p>Its list, and the lists that it is in.${less}${kept} <code>also-viewed show ID --top ${lists.longest}${from}</code> prints any list whole.</p>
<noscript><p>Looking up needs JavaScript; all other figures of this page do not.</p></noscript>
<div id="shop"></div>
</section>`;
}
