import { count, element } from './element.ts';
import { productLink, productView, shopOrder } from './product-view.ts';
import type { Shop } from './shop.ts';
import { type Column, SortableTable } from './sortable-table.ts';

/** Products that are listed at first. */
const first = 12;

/** Search over the products, and the one that is looked at; which one, the address says. */
export function showLookup(shop: Shop, root: HTMLElement): void {
  const search = element('input', { type: 'search', id: 'search', autocomplete: 'off', spellcheck: 'false' });
  const status = element('p', { role: 'status', class: 'note' });
  const products = productTable(shop);
  const panel = element('div', { class: 'panel' });
  const find = (): void => {
    const found = shop.find(search.value);
    products.rows = found;
    status.textContent =
      search.value.trim() === ''
        ? `${count(found.length)} products`
        : `${count(found.length)} of ${count(shop.data.lists.length)} products`;
  };
  const show = (product: number): void => panel.replaceChildren(productView(shop, product));
  search.addEventListener('input', find);
  window.addEventListener('hashchange', () => {
    show(chosen(shop));
    panel.querySelector('h3')?.focus();
  });
  root.append(
    element(
      'div',
      { class: 'lookup' },
      element(
        'div',
        { role: 'search', class: 'finder' },
        element('label', { for: 'search' }, 'Search by id or name'),
        search,
        status,
        products.element,
      ),
      panel,
    ),
  );
  find();
  if (shop.data.lists.length > 0) {
    show(chosen(shop));
  }
}

/** The product that the address names, if it is on the page; else the first. */
function chosen(shop: Shop): number {
  const id = new URLSearchParams(location.hash.slice(1)).get('product');
  return Math.max(0, id === null ? 0 : shop.indexOf(id));
}

function productTable(shop: Shop): SortableTable<number> {
  const { paths, targets } = shop.data;
  const columns: Column<number>[] = [
    { head: 'product', cell: (product) => productLink(shop, product), compare: (a, b) => shopOrder(shop, a, b) },
    ...(paths === undefined
      ? []
      : [
          {
            head: 'paths',
            numeric: true,
            cell: (product: number) => count(paths[product]!),
            compare: (a: number, b: number) => paths[a]! - paths[b]!,
          },
        ]),
    {
      head: 'list',
      numeric: true,
      cell: (product) => count(targets[product]!),
      compare: (a, b) => targets[a]! - targets[b]!,
    },
  ];
  return new SortableTable('Products', columns, first);
}
