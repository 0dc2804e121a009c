import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Effects } from '../../effects.ts';
import { packageFile } from '../../package-file.ts';
import { withStep } from '../../with-step.ts';
import type { ShopReport } from './gather.ts';
import { Html, html } from './html.ts';
import { packShop } from './pack-shop.ts';
import { placeName } from './place-name.ts';
import { changes } from './sections/changes.ts';
import { coverage } from './sections/coverage.ts';
import { distributions } from './sections/distributions.ts';
import { headline } from './sections/headline.ts';
import { heavyPaths } from './sections/heavy-paths.ts';
import { origin } from './sections/origin.ts';
import { productSection } from './sections/products.ts';
import { rejected } from './sections/rejected.ts';

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });

const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** The whole page. Nothing in it is fetched, and its policy lets nothing be: only this script and this style sheet count. */
export async function page(report: ShopReport, effects: Effects): Promise<string> {
  const { found } = report;
  const style = await readFile(packageFile('dist/report/page/style.css'), 'utf8');
  const script = await readFile(packageFile('dist/report/page/client.js'), 'utf8');
  const madeAt = effects.now();
  const shop = await withStep('Packing the lists', report.products.length, 'products', effects, packShop(report));
  const policy = `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; base-uri 'none'; form-action 'none'`;
  const { manifest } = found.run ?? {};
  const { store, source } = found.parameters;
  const of = placeName(String(store ?? source ?? report.location));
  const date = new Date(manifest?.startedAt ?? madeAt);
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Also viewed: ${of}, ${days.format(date)}</title>
${inline('style', style)}
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header>
<div><h1>Also viewed</h1><p><bdi>${of}</bdi>${manifest && html`, ${dates.format(date)} UTC<br><span class="run">Run ${manifest.run}</span>`}</p></div>
<button type="button" id="theme" hidden>Dark</button>
</header>
<main id="main">
${headline(report)}
${productSection(shop, report)}
${await distributions(report)}
${coverage(report, shop.shownProducts)}
${heavyPaths(report)}
${changes(report)}
${rejected(report)}
${origin(report, madeAt)}
</main>
${inline('script', shop.base64, ' type="application/octet-stream" id="shop-data"')}
${inline('script', script)}
</body>
</html>
`;
  return document.markup;
}

/** Content that is no markup. The end tag is put together here, since the bundler cannot keep one in a template. */
function inline(tag: 'script' | 'style', content: string, attributes = ''): Html {
  return new Html(`<${tag}${attributes}>${content}</${tag}>`);
}

function digest(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}
