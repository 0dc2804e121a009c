import { count } from '../figures.ts';
import { type Html, html } from '../html.ts';
import type { PackedShop } from '../pack-shop.ts';
import { keptTargets } from '../relation-lists.ts';

/** Where the script shows the products and their lists. */
export function productSection({ shownTargets, shownProducts }: PackedShop, products: number): Html {
  const less =
    shownProducts < products
      ? ` To keep it small it has the ${count(shownProducts)} products in most paths, of ${count(products)}, and the first ${count(shownTargets)} of each list.`
      : shownTargets < keptTargets
        ? ` To keep it small it has the first ${count(shownTargets)} of each list.`
        : ` The page has the first ${count(shownTargets)} of each list.`;
  return html`<section aria-labelledby="products">
<h2 id="products">Look up a product</h2>
<p>Its list, and the lists that it is in.${less} <code>also-viewed show ID</code> prints any list whole.</p>
<noscript><p>Looking up needs JavaScript; all other figures of this page do not.</p></noscript>
<div id="shop"></div>
</section>`;
}
