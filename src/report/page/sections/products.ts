import { count } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import type { PackedShop } from '../pack-shop.ts';
import { showCommand } from '../show-command.ts';

/** Where the script shows the products and their lists. */
export function productSection(shop: PackedShop, report: ShopReport): Html {
  const { score, lists } = report;
  if (lists.relations === 0) {
    return html`<section aria-labelledby="products">
<h2 id="products">Look up a product</h2>
<p>No product has a list.</p>
<div id="shop"></div>
</section>`;
  }
  const order = score === 'weight' ? '' : ` The lists are ordered by ${score}.`;
  return html`<section aria-labelledby="products">
<h2 id="products">Look up a product</h2>
<p>Its list, and the lists that it is in.${order}${whatIsLeftOut(shop, report)}</p>
<noscript><p>Looking up needs JavaScript; all other figures of this page do not.</p></noscript>
<div id="shop"></div>
<p class="note"><code>${showCommand(report)}</code> prints any list whole.</p>
</section>`;
}

/** What the page lacks, if it lacks something. */
function whatIsLeftOut({ shownTargets, shownProducts }: PackedShop, { products, lists, paths }: ShopReport): string {
  const isCut = lists.longest > shownTargets;
  if (shownProducts < products.length) {
    return ` To stay small, the page has the ${count(shownProducts)} products ${paths === undefined ? 'with the longest lists' : 'in most paths'}, of ${count(products.length)}${isCut ? `, and the first ${count(shownTargets)} of each list` : ''}.`;
  }
  return isCut ? ` To stay small, the page has the first ${count(shownTargets)} of each list.` : '';
}
