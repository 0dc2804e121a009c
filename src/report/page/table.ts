import { type Html, html } from './html.ts';

/** A column: its heading, and whether it holds numbers. */
export interface Column {
  readonly head: string;
  readonly numeric?: boolean;
}

export const text = (head: string): Column => ({ head });
export const figure = (head: string): Column => ({ head, numeric: true });

/** A table that scrolls by itself where the page is too narrow for it. The first cell of a row is its heading. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  const kind = (at: number): string => (columns[at]?.numeric ? 'figure' : 'text');
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ head }, at) => html`<th scope="col" class="${kind(at)}">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, at) =>
        at === 0 ? html`<th scope="row" class="${kind(at)}">${cell}</th>` : html`<td class="${kind(at)}">${cell}</td>`,
      )}</tr>`,
  )}</tbody>
</table></div>`;
}
