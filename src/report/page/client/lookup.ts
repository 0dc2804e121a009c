import { count, element, plural } from './element.ts';
import { productLink, productView, shopOrder, sortingsOf } from './product-view.ts';
import type { Shop } from './shop.ts';
import { type Column, SortableTable } from './sortable-table.ts';

/** Products that are listed at first. */
const first = 12;

/** Search over the products, and the one that is looked at; which one, the address says. */
export function showLookup(shop: Shop, root: HTMLElement): void {
  const search = element('input', {
    type: 'search',
    id: 'search',
    dir: 'auto',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const status = element('p', { role: 'status', class: 'note' });
  const products = productTable(shop);
  const sortings = sortingsOf(shop);
  const panel = element('div', { class: 'panel' });
  const find = (): void => {
    const found = shop.find(search.value);
    products.rows = found;
    products.element.hidden = found.length === 0;
    status.textContent =
      search.value.trim() === ''
        ? plural(found.length, 'product')
        : found.length === 0
          ? 'No product has this in its id or name'
          : `${count(found.length)} of ${plural(shop.data.lists.length, 'product')}`;
  };
  const show = (id: string | undefined): void => {
    const product = id === undefined ? 0 : shop.indexOf(id);
    panel.replaceChildren(product === -1 ? noProduct(id ?? '') : productView(shop, product, sortings));
  };
  search.addEventListener('input', find);
  search.addEventListener('keydown', ({ key }) => {
    const link = products.element.querySelector('tbody a');
    if (key === 'Enter' && !products.element.hidden && link instanceof HTMLElement) {
      link.click();
    }
  });
  window.addEventListener('hashchange', () => {
    const id = chosen();
    // Another hash leads elsewhere in the page.
    if (id !== undefined || location.hash === '') {
      show(id);
      panel.querySelector('h3')?.focus();
    }
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
    show(chosen());
  }
}

/** The id of the product that the address names, if it names one. */
function chosen(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get('product') ?? undefined;
}

function noProduct(id: string): HTMLElement {
  return element('h3', { tabindex: '-1' }, 'Product ', element('bdi', {}, id), ' is not on this page');
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
      head: 'related',
      numeric: true,
      cell: (product) => count(targets[product]!),
      compare: (a, b) => targets[a]! - targets[b]!,
    },
  ];
  return new SortableTable('Products', columns, first, { head: undefined, descending: false });
}
