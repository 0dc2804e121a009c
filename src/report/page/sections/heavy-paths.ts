import { count, counted, share } from '../figures.ts';
import type { ShopReport } from '../gather.ts';
import { type Html, html } from '../html.ts';
import type { PathFigures } from '../path-figures.ts';
import { figure, table, text } from '../table.ts';

/** The paths that add most, and what a cap on their length would remove. */
export function heavyPaths({ paths, found }: ShopReport): Html | undefined {
  if (paths === undefined || paths.heaviest.length === 0) {
    return undefined;
  }
  const { longest, pairs, allPairs } = paths.counting;
  return html`<section aria-labelledby="heavy-paths">
<h2 id="heavy-paths">The heaviest paths</h2>
<p>A path of n products adds n × (n − 1) to the weights, so that a crawler or a wholesale customer can outweigh hundreds of visitors.
${longest === 0 ? 'No path that counts has two products.' : `Of the paths that count the ${longest === 1 ? 'longest makes' : `${count(longest)} longest together make`} up ${share(pairs, allPairs)} of the weight.`}
${Number.isFinite(found.maxPathProducts) ? leftOutWords(paths.leftOut, found.maxPathProducts) : undefined}</p>
<div class="columns">
${heaviestTable(paths)}
${paths.caps.length > 0 ? capsTable(paths) : undefined}
</div>
</section>`;
}

function leftOutWords(leftOut: number, cap: number): Html {
  return leftOut === 0
    ? html`No path has more than ${count(cap)} products.`
    : html`${counted(leftOut, 'path')} with more than ${count(cap)} products ${leftOut === 1 ? 'is' : 'are'} left out, as <code>--max-path-products</code> says.`;
}

function heaviestTable({ heaviest, pairs, leftOut }: PathFigures): Html {
  return table(
    'Longest paths',
    [
      text('path'),
      figure('products'),
      figure('adds'),
      figure('of all weight'),
      ...(leftOut === 0 ? [] : [text('counts')]),
    ],
    heaviest.map((path) => [
      html`<bdi class="id">${path.id}</bdi>`,
      count(path.products),
      count(path.pairs),
      share(path.pairs, pairs),
      ...(leftOut === 0 ? [] : [path.counts ? 'yes' : 'left out']),
    ]),
  );
}

function capsTable({ caps, paths, pairs }: PathFigures): Html {
  return table(
    'What a cap would remove (--max-path-products)',
    [figure('cap'), figure('paths'), figure('of all paths'), figure('of their weight')],
    caps.map((cap) => [
      cap.inForce ? html`<strong>${count(cap.cap)} (in force)</strong>` : count(cap.cap),
      count(cap.paths),
      share(cap.paths, paths),
      share(cap.pairs, pairs),
    ]),
  );
}
