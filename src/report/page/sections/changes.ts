import type { Change } from '../../../importer/changes.ts';
import type { Lists } from '../../../importer/list-counts.ts';
import type { Names } from '../../names.ts';
import { count, counted } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import { placeName } from '../place-name.ts';
import { productLabel } from '../product-label.ts';
import { figure, table, text } from '../table.ts';

/** What changed since the earlier relations, if such were named. */
export function changes({ changes, names }: ShopReport): Html | undefined {
  if (changes === undefined) {
    return undefined;
  }
  const { difference, moved, added, removed, name } = changes;
  const { before, after, sourcesBefore, sourcesAfter, gained, lost } = difference;
  return html`<section aria-labelledby="changes">
<h2 id="changes">What changed since <bdi>${placeName(name)}</bdi></h2>
${difference.added + difference.changed + difference.removed === 0 ? html`<p>Nothing changed.</p>` : undefined}
<p>${counted(difference.added, 'relation')} came, ${count(difference.removed)} went, ${count(difference.changed)} have another weight and
${count(difference.unchanged)} are as before: ${count(before)} then, ${count(after)} now. Products with a list: ${count(sourcesBefore)} then,
${count(sourcesAfter)} now.</p>
${listed('Got their first list', gained, names)}
${listed('Lost their whole list', lost, names)}
<div class="columns">
${changeTable('Weights that moved most', moved, names, ['then', 'now'])}
${changeTable('Heaviest new relations', added, names, ['weight'])}
${changeTable('Heaviest relations that are gone', removed, names, ['weight'])}
</div>
${moved.length + added.length + removed.length === 0 ? undefined : html`<p class="note">Of each product the largest change alone, while there are enough others; a relation and its reverse that changed alike are one.</p>`}
</section>`;
}

function listed(what: string, { count: all, first }: Lists, names: Names): Html | undefined {
  return all === 0
    ? undefined
    : html`<p>${what}: ${counted(all, 'product')}.</p>
<ul class="names">${first.map((id) => html`<li>${productLabel(id, names.get(id))}</li>`)}${all > first.length ? html`<li>and ${count(all - first.length)} more</li>` : undefined}</ul>`;
}

function changeTable(
  caption: string,
  rows: readonly Change[],
  names: Names,
  figures: readonly string[],
): Html | undefined {
  return rows.length === 0
    ? undefined
    : table(
        caption,
        [text('product'), text('related to'), ...figures.map(figure)],
        rows.map(({ source, target, before, weight }) => [
          productLabel(source, names.get(source)),
          productLabel(target, names.get(target)),
          ...(figures.length === 2 ? [count(before), count(weight)] : [count(weight)]),
        ]),
      );
}
