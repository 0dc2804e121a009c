import { isSetting, type Setting, settings } from '../../../config/settings.ts';
import { decidingParameters } from '../../../run/deciding-parameters.ts';
import type { Figure } from '../../../run/manifest.ts';
import { version } from '../../../version.ts';
import { count } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import { placeName } from '../place-name.ts';
import { table, text } from '../table.ts';

/** What says which relations came out and where they went, rather than how the run worked; the manifest has all. */
const telling: readonly string[] = [
  ...decidingParameters.export,
  ...decidingParameters.relate,
  'target',
  'target-table',
  'accept-changes',
];

/** Where the relations come from: the run, its parameters, the digest. */
export function origin({ found, lists, relations, location, score, namesLocation }: ShopReport, madeAt: Date): Html {
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
    ['relations', placeName(location)],
    ...(relations.kind === 'table' ? ([['table', relations.table.table]] satisfies [string, string][]) : []),
    ...(lists.sha256 === undefined ? [] : ([['sha256 of the relations', lists.sha256]] satisfies [string, string][])),
    ['lists ordered by', score],
    ['sum of all weights', count(lists.weight)],
    ['views', found.views?.locations.map(placeName).join(', ') ?? 'none given'],
    ['names', namesLocation === undefined ? 'none given' : placeName(namesLocation)],
    ['page made', `${madeAt.toISOString()} by also-viewed ${version}`],
  ];
  const [set, usual] = parametersOf(found.parameters);
  return html`<section aria-labelledby="origin">
<h2 id="origin">Where this comes from</h2>
${lists.sha256 && html`<p>The same views and parameters give the same relations, byte for byte: the digest tells whether two pages are about the same ones.</p>`}
<div class="columns">
${table(
  'Facts',
  [text('what'), text('value')],
  facts.map(([name, value]) => [name, html`<bdi>${value}</bdi>`]),
)}
${
  set.length + usual.length === 0
    ? undefined
    : html`<div>${parameterTable('Parameters of the run', set)}
<details><summary>Parameters as they usually are</summary>
${parameterTable('Usual parameters', usual)}
</details></div>`
}
</div>
</section>`;
}

/** Of those that tell something: the parameters that were set to something else than they usually are, and the others. */
function parametersOf(
  parameters: Readonly<Record<string, Figure>>,
): [set: [string, string][], usual: [string, string][]] {
  const all = Object.entries(parameters)
    .filter(([name]) => telling.includes(name))
    .map(([name, value]): [string, string] => [name, placeName(String(value))]);
  const isUsual = ([name]: [string, string]): boolean => parameters[name] === usualOf(name);
  return [all.filter((each) => !isUsual(each)), all.filter(isUsual)];
}

function usualOf(name: string): Figure | undefined {
  const setting: Setting | undefined = isSetting(name) ? settings[name] : undefined;
  const usual = setting?.default;
  return typeof usual === 'object' ? undefined : usual;
}

function parameterTable(caption: string, parameters: readonly [string, string][]): Html {
  return table(
    caption,
    [text('parameter'), text('value')],
    parameters.map(([name, value]) => [name, html`<bdi>${value}</bdi>`]),
  );
}
