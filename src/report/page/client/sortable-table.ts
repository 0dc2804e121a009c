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

/** The order of a table, which somebody may have chosen; tables that share one are sorted alike. */
export interface Sorting {
  /** Heading of the column; `undefined` for the order in which the rows come. */
  head: string | undefined;
  descending: boolean;
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
  readonly #sorting: Sorting;
  /** For paper, where nobody can ask for more. */
  readonly #part = element('p', { class: 'note part' });

  /**
   * @param first rows that are shown before anybody asks for more
   * @param sorting the order at first, and then the one that is chosen
   */
  constructor(caption: string, columns: readonly Column<Row>[], first: number, sorting: Sorting) {
    this.#columns = columns;
    this.#first = first;
    this.#sorting = sorting;
    this.#heads = columns.map(({ head, numeric }, at) => {
      const button = element('button', { type: 'button' }, head);
      button.addEventListener('click', () => this.#sortBy(at));
      return element('th', { scope: 'col', class: numeric ? 'figure' : 'text', 'data-column': head }, button);
    });
    this.#more.addEventListener('click', () => {
      const before = this.#shown;
      this.#shown += step;
      this.#show();
      if (this.#more.hidden) {
        // The button that had the focus is gone.
        this.#body.rows[before]?.querySelector('a')?.focus();
      }
    });
    const table = element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...this.#heads)),
      this.#body,
    );
    this.element = element('div', {}, table, this.#part, this.#more);
  }

  /** Shows other rows, in their own order unless somebody sorted them. */
  set rows(rows: readonly Row[]) {
    this.#rows = rows;
    this.#shown = this.#first;
    this.#show();
  }

  #sortBy(column: number): void {
    const { numeric = false, ascending = !numeric } = this.#columns[column] ?? {};
    const descending = this.#isSortedBy(column) ? !this.#sorting.descending : !ascending;
    Object.assign(this.#sorting, { head: this.#columns[column]?.head, descending });
    this.#show();
  }

  #isSortedBy(column: number): boolean {
    return this.#columns[column]?.head === this.#sorting.head;
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
            ...this.#columns.map(({ head, numeric, cell }) =>
              element('td', { class: numeric ? 'figure' : 'text', 'data-column': head }, cell(row)),
            ),
          ),
        ),
    );
    this.#heads.forEach((head, at) => {
      if (this.#isSortedBy(at)) {
        head.setAttribute('aria-sort', this.#sorting.descending ? 'descending' : 'ascending');
      } else {
        head.removeAttribute('aria-sort');
      }
    });
    const left = rows.length - this.#shown;
    this.#part.hidden = left <= 0;
    this.#part.textContent = `${count(this.#shown)} of ${count(rows.length)} shown`;
    this.#more.hidden = left <= 0;
    this.#more.textContent = `Show ${count(Math.min(step, left))} more of ${count(left)}`;
  }

  #inOrder(): Row[] {
    const { descending } = this.#sorting;
    const compare = this.#columns.find((_, column) => this.#isSortedBy(column))?.compare;
    return compare === undefined
      ? [...this.#rows]
      : [...this.#rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)));
  }
}
