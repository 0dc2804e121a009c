import { version } from '../../../version.ts';
import { count } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import { table, text } from '../table.ts';

/** Where the relations come from: the run, its parameters, the digest. */
export function origin({ found, lists, location }: ShopReport, madeAt: Date): Html {
  const { manifest } = found.run ?? {};
  const facts: [string, string][] = [
    ...(manifest === undefined
      ? []
      : ([
          ['run', manifest.run],
          ['state', manifest.state],
          ['started', manifest.startedAt],
          ['finished', manifest.finishedAt ?? 'not yet'],
          ['also-viewed of the run', manifest.version],
        ] satisfies [string, string][])),
    ['relations', location],
    ['sha256 of the relations', lists.sha256 ?? ''],
    ['sum of all weights', count(lists.weight)],
    ['views', found.views?.locations.join(', ') ?? 'none given'],
    ['page made', `${madeAt.toISOString()} by also-viewed ${version}`],
  ];
  const parameters = Object.entries(found.parameters).map(([name, value]) => [name, String(value)]);
  return html`<section aria-labelledby="origin">
<h2 id="origin">Where this comes from</h2>
<p>The same views and parameters give the same relations, byte for byte: the digest tells whether two pages are about the same ones.</p>
<div class="columns">
${table(
  'Facts',
  [text('what'), text('value')],
  facts.map(([name, value]) => [name, html`<span class="break">${value}</span>`]),
)}
${
  parameters.length === 0
    ? undefined
    : table(
        'Parameters of the run',
        [text('parameter'), text('value')],
        parameters.map(([name = '', value = '']) => [name, html`<span class="break">${value}</span>`]),
      )
}
</div>
</section>`;
}
