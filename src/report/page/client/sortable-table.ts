import { count, element } from './element.ts';

/** A column of rows: what it shows, and the order that a click on its heading gives. */
export interface Column<Row> {
  readonly head: string;
  readonly numeric?: boolean;
  /** The first click sorts ascending, as text is sorted; numbers begin with the largest otherwise. */
  readonly ascending?: boolean;
  readonly cell: (row: Row) => Node | string;
  readonly compare: (a: Row, b: Row) => number;
}

/** Rows that are added at once. */
const step = 50;

/** A table whose headings sort it. Its rows keep their order where they are equal. */
export class SortableTable<Row> {
  readonly element: HTMLElement;
  readonly #columns: readonly Column<Row>[];
  readonly #body = element('tbody');
  readonly #heads: HTMLElement[];
  readonly #more = element('button', { type: 'button', class: 'more' });
  readonly #first: number;
  #rows: readonly Row[] = [];
  #shown = 0;
  #sorted: { readonly column: number; readonly descending: boolean } | undefined;

  /**
   * @param first rows that are shown before anybody asks for more
   * @param sorted the column by which the rows come sorted, descending
   */
  constructor(caption: string, columns: readonly Column<Row>[], first: number, sorted?: number) {
    this.#columns = columns;
    this.#first = first;
    this.#sorted = sorted === undefined ? undefined : { column: sorted, descending: true };
    this.#heads = columns.map(({ head, numeric }, at) => {
      const button = element('button', { type: 'button' }, head);
      button.addEventListener('click', () => this.#sortBy(at));
      return element('th', { scope: 'col', class: numeric ? 'figure' : 'text', 'data-column': head }, button);
    });
    this.#more.addEventListener('click', () => {
      this.#shown += step;
      this.#show();
    });
    const table = element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...this.#heads)),
      this.#body,
    );
    this.element = element('div', {}, table, this.#more);
  }

  /** Shows other rows, in their own order unless somebody sorted them. */
  set rows(rows: readonly Row[]) {
    this.#rows = rows;
    this.#shown = this.#first;
    this.#show();
  }

  #sortBy(column: number): void {
    const { numeric = false, ascending = !numeric } = this.#columns[column] ?? {};
    const descending = this.#sorted?.column === column ? !this.#sorted.descending : !ascending;
    this.#sorted = { column, descending };
    this.#show();
  }

  #show(): void {
    const rows = this.#inOrder();
    this.#body.replaceChildren(
      ...rows
        .slice(0, this.#shown)
        .map((row) =>
          element(
            'tr',
            {},
            ...this.#columns.map(({ numeric, cell }) =>
              element('td', { class: numeric ? 'figure' : 'text' }, cell(row)),
            ),
          ),
        ),
    );
    this.#heads.forEach((head, at) => {
      if (this.#sorted?.column === at) {
        head.setAttribute('aria-sort', this.#sorted.descending ? 'descending' : 'ascending');
      } else {
        head.removeAttribute('aria-sort');
      }
    });
    const left = rows.length - this.#shown;
    this.#more.hidden = left <= 0;
    this.#more.textContent = `Show ${count(Math.min(step, left))} more of ${count(left)}`;
  }

  #inOrder(): Row[] {
    const { column, descending } = this.#sorted ?? { column: -1, descending: false };
    const compare = this.#columns[column]?.compare;
    return compare === undefined
      ? [...this.#rows]
      : [...this.#rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
  }
}
