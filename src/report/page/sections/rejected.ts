import { cutText } from '../cut-text.ts';
import { count, counted } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import { placeName } from '../place-name.ts';
import { figure, table, text } from '../table.ts';

/** Characters of a row that are shown: enough to know it by; the file of rejected rows has more. */
const longestRow = 120;

/** Rows of the views that were none. */
export function rejected({ rejected }: ShopReport): Html | undefined {
  if (rejected === undefined) {
    return undefined;
  }
  const { reasons, first } = rejected;
  return html`<section aria-labelledby="rejected">
<h2 id="rejected">Rejected rows</h2>
${
  rejected.count === 0
    ? html`<p>Every row of the views was a view.</p>`
    : html`<p>${counted(rejected.count, 'row')} of the input ${rejected.count === 1 ? 'was' : 'were'} no view and did not count.</p>
<div class="columns">
${table(
  'By reason',
  [text('reason'), figure('rows')],
  reasons.map(([reason, rows]) => [reason, count(rows)]),
)}
${table(
  'The first of them',
  [text('place'), text('reason'), text('row')],
  first.map(({ file, line, reason, row }) => [
    html`<bdi>${placeName(file)}</bdi>:${line}`,
    reason,
    html`<code><bdi>${cutText(row, longestRow)}</bdi></code>`,
  ]),
)}
</div>`
}
</section>`;
}
