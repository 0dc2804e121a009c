import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { relate, report, show } from 'also-viewed';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '#dist/seeded-random.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { barriers, cells, useBrowser } from './browser.ts';

const open = useBrowser();
const columns = { path: 'path_id', product: 'product_id' };
const desktop = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

let folder = '';
/** The page about the newest of two runs on the sample shop, compared with the other one. */
let file = '';
let relations: [source: string, target: string, weight: number][] = [];
let names = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'also-viewed-test-'));
  cpSync(fileURLToPath(new URL('../../../sample-data', import.meta.url)), folder, { recursive: true });
  const run = ['run', '--source', 'views.tsv', '--quiet', '--min-weight', '2'];
  await alsoViewed([...run, '--target', 'before.tsv'], { cwd: folder });
  await alsoViewed([...run, '--target', 'now.tsv', '--max-path-products', '100'], { cwd: folder });
  const { stderr } = await alsoViewed(['report', '--against', 'before.tsv'], { cwd: folder });
  const [, place] = /^The report is in (also-viewed-work\/runs\/\S+\/report\.html)\n$/.exec(stderr) ?? [];
  file = path.join(folder, place ?? '');
  expect(place, stderr).toBeDefined();
  relations = readFileSync(path.join(folder, 'now.tsv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([source = '', target = '', weight]) => [source, target, Number(weight)]);
  names = new Map(
    readFileSync(path.join(folder, 'products.tsv'), 'utf8')
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([id = '', name = '']) => [id, name]),
  );
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const finder = (page: Page): Locator => page.getByRole('search');
const list = (page: Page): Locator => page.getByRole('table', { name: 'People also viewed' });
const reverseList = (page: Page): Locator => page.getByRole('table', { name: 'It is in the lists of' });

async function column(table: Locator, at: number): Promise<string[]> {
  return (await cells(table)).map((row) => row[at] ?? '');
}

test('a product is found by a part of its id', async () => {
  const page = await open(file, desktop);
  await page.getByRole('searchbox', { name: 'Search by id or name' }).fill('1226');
  expect(await column(finder(page).getByRole('table'), 0)).toEqual(['Lodestar Headlamp Case 1226']);
  await expect(page.getByRole('status').textContent()).resolves.toBe('1 of 446 products');
});

test('a product is found by words of its name in any order, without case and accents', async () => {
  const page = await open(file, desktop);
  await page.getByRole('searchbox').fill('CASÉ lodestar');
  expect(await column(finder(page).getByRole('table'), 0)).toEqual(['Lodestar Headlamp Case 1226']);
});

test('what nobody sells is not found, and the page says so', async () => {
  const page = await open(file, desktop);
  await page.getByRole('searchbox').fill('submarine');
  await expect(finder(page).getByRole('table').count()).resolves.toBe(0);
  await expect(page.getByRole('status').textContent()).resolves.toBe('No product has this in its id or name');
  await page.getByRole('searchbox').press('Enter');
  expect(page.url()).not.toContain('#');
});

test('a product shows its list and the lists that it is in, as the relations have them', async () => {
  const page = await open(`${file}`, desktop);
  await page.getByRole('searchbox').fill('1001');
  await page.getByRole('link', { name: 'Curlew 2-Person Tent' }).first().click();
  // The page follows its address a moment later.
  await page.getByRole('heading', { level: 3, name: 'Curlew 2-Person Tent' }).waitFor();
  await expect(page.getByRole('heading', { level: 3 }).first().textContent()).resolves.toBe('Curlew 2-Person Tent');
  const label = (id: string): string => `${names.get(id)} ${id}`;
  const byWeight = relations.filter(([source]) => source === '1001').sort((a, b) => b[2] - a[2]);
  const shown = (await cells(list(page))).map(([product, weight]) => [product, weight]);
  expect(shown).toEqual(byWeight.slice(0, 20).map(([, target, weight]) => [label(target), `${weight}`]));
  const heavier = (source: string): number =>
    relations
      .filter((row) => row[0] === source)
      .sort((a, b) => b[2] - a[2])
      .findIndex((row) => row[1] === '1001');
  const sources = relations.filter(([, target]) => target === '1001');
  await expect(page.locator('.facts').textContent()).resolves.toMatch(
    new RegExp(` · ${byWeight.length} related products · in ${sources.length} lists$`),
  );
  const reverse = await cells(reverseList(page));
  expect(reverse.map(([, weight]) => weight)).toEqual(
    sources
      .map(([, , weight]) => weight)
      .sort((a, b) => b - a)
      .slice(0, 20)
      .map(String),
  );
  for (const [product = '', weight, , , place] of reverse) {
    const source = product.split(' ').at(-1) ?? '';
    expect(relations).toContainEqual([source, '1001', Number(weight)]);
    expect(Number(place)).toBe(heavier(source) + 1);
  }
});

test('lists that fit are said to be whole, and the page names no folder of this machine', () => {
  const html = readFileSync(file, 'utf8');
  expect(html).toContain('Each counts in both directions.');
  expect(html).toContain('The smallest is 2;');
  expect(html).not.toContain('of each list.');
  expect(html).not.toContain(folder);
});

test('the rest of a list, all of it, comes when it is asked for', async () => {
  const page = await open(`${file}`, desktop);
  const length = relations.filter(([source]) => source === '1001').length;
  expect(length).toBeGreaterThan(20);
  await page.evaluate("location.hash = '#product=1001'");
  await page.getByRole('article').getByRole('heading', { name: 'Curlew 2-Person Tent' }).waitFor();
  for (let shown = 20; shown < length; shown += 50) {
    expect(await cells(list(page))).toHaveLength(shown);
    const left = length - shown;
    await list(page)
      .locator('..')
      .getByRole('button', { name: `Show ${Math.min(50, left)} more of ${left}` })
      .click();
  }
  expect(await cells(list(page))).toHaveLength(length);
  // The button is gone; the focus stays where the new rows begin.
  const before = 20 + 50 * Math.floor((length - 21) / 50);
  expect(await page.evaluate('document.activeElement.closest("tr").rowIndex')).toBe(before + 1);
});

test('a heading sorts the list, and once more the other way', async () => {
  const page = await open(file, desktop);
  const heading = (name: string): Locator => list(page).getByRole('columnheader', { name });
  const weights = async (): Promise<number[]> => (await column(list(page), 1)).map(Number);
  await expect(heading('weight').getAttribute('aria-sort')).resolves.toBe('descending');
  await heading('weight').getByRole('button').click();
  await expect(heading('weight').getAttribute('aria-sort')).resolves.toBe('ascending');
  expect(await weights()).toEqual((await weights()).sort((a, b) => a - b));
  await heading('product').getByRole('button').click();
  const products = await column(list(page), 0);
  expect(products).toEqual([...products].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
  await heading('vs chance').getByRole('button').click();
  const lifts = (await column(list(page), 3)).map(Number.parseFloat);
  expect(lifts).toEqual([...lifts].sort((a, b) => b - a));
});

test('the order that was chosen stays for the next product', async () => {
  const page = await open(file, desktop);
  await list(page).getByRole('columnheader', { name: 'share' }).getByRole('button').click();
  await page.getByRole('searchbox').fill('1001');
  await page.getByRole('searchbox').press('Enter');
  await page.getByRole('article').getByRole('heading', { name: 'Curlew 2-Person Tent' }).waitFor();
  await expect(list(page).getByRole('columnheader', { name: 'share' }).getAttribute('aria-sort')).resolves.toBe(
    'descending',
  );
  await expect(reverseList(page).getByRole('columnheader', { name: 'weight' }).getAttribute('aria-sort')).resolves.toBe(
    'descending',
  );
});

test('a part of the page that is linked to shows no other product, and one that is not there is said not to be', async () => {
  const page = await open(file, desktop);
  const heading = page.locator('.panel h3');
  await page.evaluate("location.hash = '#product=1001'");
  await page.getByRole('link', { name: 'Skip to the figures' }).press('Enter');
  expect(page.url()).toMatch(/#main$/);
  await expect.poll(() => heading.textContent()).toBe('Curlew 2-Person Tent');
  await page.evaluate("location.hash = '#product=zzz'");
  await page.getByText('Product zzz is not on this page').waitFor();
  await expect(list(page).count()).resolves.toBe(0);
  await page.getByRole('region', { name: 'Products without a list' }).getByRole('link').first().click();
  await page.getByRole('article').waitFor();
  await expect(page.getByRole('article').textContent()).resolves.toContain('No list: nobody viewed it.');
});

test('lists that are ordered by a score show it, and the bars are of it', async () => {
  const place = (name: string): string => path.join(folder, name);
  const out = place('surprise.html');
  const from = { work: place('also-viewed-work'), names: place('products.tsv'), columns, score: 'surprise' as const };
  await report({ ...from, out });
  const [shown] = await show({ ...from, products: ['1001'], top: 20 });
  const page = await open(out, desktop);
  await page.evaluate("location.hash = '#product=1001'");
  await page.getByRole('article').getByRole('heading', { name: 'Curlew 2-Person Tent' }).waitFor();
  const sorted = list(page).getByRole('columnheader', { name: 'surprise' });
  await expect(sorted.getAttribute('aria-sort')).resolves.toBe('descending');
  const rows = await cells(list(page));
  expect(rows).toEqual(
    shown?.targets.map(({ product, name, weight, share = 0, score }, at) => [
      `${name} ${product}`,
      `${weight}`,
      `${(100 * share).toFixed(1)}%`,
      score?.toFixed(1) ?? '–',
      `${at + 1}`,
    ]),
  );
  // Both directions of a relation have one score.
  const scores = (await column(reverseList(page), 3)).map(Number);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  await page.getByText('What the columns mean').click();
  await expect(page.getByRole('definition').allTextContents()).resolves.toContain('in the list, by surprise');
  await expect(page.getByRole('region', { name: 'Look up' }).locator('code').textContent()).resolves.toMatch(
    /^also-viewed show ID --top 219 --run \S+ --score surprise$/,
  );
});

test('the hint is a command that prints the longest list whole', async () => {
  const page = await open(file, desktop);
  const hint = (await page.getByRole('region', { name: 'Look up' }).locator('code').textContent()) ?? '';
  const [, ...args] = hint.replace('ID', '1114').split(' ');
  const { stdout } = await alsoViewed([...args, '--format', 'csv'], { cwd: folder });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1 + relations.filter(([source]) => source === '1114').length);
});

test('the address names the product, so that it can be sent and gone back from', async () => {
  const page = await open(file, desktop);
  const heading = page.getByRole('article').getByRole('heading');
  const first = await heading.textContent();
  await list(page).getByRole('link').first().click();
  // The page follows its address a moment later.
  await expect.poll(() => heading.textContent()).not.toBe(first);
  expect(page.url()).toMatch(/report\.html#product=\d+$/);
  const second = await heading.textContent();
  await page.reload();
  await expect(heading.textContent()).resolves.toBe(second);
  await page.goBack();
  await expect.poll(() => heading.textContent()).toBe(first);
});

const background = (page: Page): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');

test('the colours follow the system until the button is used, and are remembered then', async () => {
  const light = await background(await open(file, { colorScheme: 'light' }));
  const page = await open(file, { colorScheme: 'dark' });
  const dark = await background(page);
  expect(dark).not.toBe(light);
  await page.getByRole('button', { name: 'Light colours' }).click();
  expect(await background(page)).toBe(light);
  await page.reload();
  expect(await background(page)).toBe(light);
  await page.getByRole('button', { name: 'Dark colours' }).click();
  expect(await background(page)).toBe(dark);
});

test('on a phone nothing is wider than the screen', async () => {
  const page = await open(file, phone);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await page.getByRole('searchbox').fill('tent');
  await finder(page).getByRole('link').first().tap();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  await expect(page.getByRole('article').isVisible()).resolves.toBe(true);
  // Each heading has its cells below it, whichever of them there is room for.
  for (const row of ['thead tr', 'tbody tr']) {
    await expect(list(page).locator(row).first().locator('th:visible, td:visible').count()).resolves.toBe(4);
  }
});

test('a finger hits whatever there is to tap: it is at least 24 pixels high and wide', async () => {
  const page = await open(file, phone);
  await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
  const small = await page.evaluate<string[]>(`[...document.querySelectorAll('a:not(.skip), button, input, summary')]
    .map((each) => [each.textContent, each.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 0 && (width < 24 || height < 24))
    .map(([text, { width, height }]) => text + ' ' + width + ' x ' + height)`);
  expect(small).toEqual([]);
  await expect(page.locator('main a:visible').count()).resolves.toBeGreaterThan(50);
});

test('in print there are figures, charts and lists on white, and nothing to click', async () => {
  const page = await open(file, { ...desktop, colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  // Of a heading that sorts, the words alone are left.
  expect(
    await page.evaluate(
      `[...document.querySelectorAll('button, input, summary')].filter((each) => each.getClientRects().length > 0).length`,
    ),
  ).toBe(0);
  await expect(list(page).getByRole('columnheader', { name: 'weight' }).isVisible()).resolves.toBe(true);
  await expect(list(page).isVisible()).resolves.toBe(true);
  await expect(page.getByRole('img').count()).resolves.toBe(3);
  await expect(
    page
      .getByText(/^20 of \d+ shown$/)
      .first()
      .isVisible(),
  ).resolves.toBe(true);
  const light = await open(file, { colorScheme: 'light' });
  expect(await background(page)).toBe(await background(light));
  const pdf = await page.pdf({ format: 'A4' });
  // Six sheets; nothing is moved to the next one for a reason that leaves half of this one white.
  const sheets = pdf.toString('latin1').match(/\/Type \/Page$/gm)?.length;
  expect(sheets).toBeGreaterThan(3);
  expect(sheets).toBeLessThan(8);
});

test('everything can be done with the keyboard alone', async () => {
  const page = await open(file, desktop);
  const focused = (): Promise<unknown> => page.evaluate('document.activeElement.textContent');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to the figures');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Dark colours');
  await page.keyboard.press('Enter');
  expect(await focused()).toBe('Light colours');
  await page.keyboard.press('Tab');
  await page.keyboard.type('headlamp case');
  // Past the two headings that sort, to the only product.
  for (let tab = 0; tab < 4; tab++) {
    await page.keyboard.press('Tab');
  }
  expect(await focused()).toBe('Lodestar Headlamp Case');
  await page.keyboard.press('Enter');
  // The list opens once the browser has gone to its address.
  await page.waitForFunction('document.activeElement === document.querySelector("article h3")');
  expect(await focused()).toBe('Lodestar Headlamp Case');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('What the columns mean');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('product');
  await page.keyboard.press('Space');
  await expect(list(page).getByRole('columnheader', { name: 'product' }).getAttribute('aria-sort')).resolves.toBe(
    'ascending',
  );
});

test('every chart has its numbers in a table below it', async () => {
  const page = await open(file, desktop);
  for (const title of ['Products in a path', 'Products in a list', 'Weight of a relation']) {
    const details = page.getByText(`${title}: the numbers`);
    await details.press('Enter');
    const bars = page.getByRole('img', { name: title }).locator('.column rect');
    const rows = (await cells(page.getByRole('table', { name: title }))).filter(([, count]) => count !== '0');
    expect(rows.length).toBe(await bars.count());
    // The last bar has its label, the end of its range.
    const labels = await page.getByRole('img', { name: title }).locator('text').allTextContents();
    expect(labels).toContain(rows.at(-1)?.[0]?.split('–').at(-1));
  }
});

test.each([
  ['light on a desk', { ...desktop, colorScheme: 'light' as const }],
  ['dark on a phone', { ...phone, colorScheme: 'dark' as const }],
])('axe finds nothing that keeps anybody out, %s', async (_, options) => {
  const page = await open(file, options);
  expect(await barriers(page)).toEqual([]);
});

const hostile = [
  '<script>alert(1)</script>',
  '</script><img src=x onerror=alert(1)>',
  '"><img onerror=alert(1) src=x>',
  "'&lt;b&gt;",
  '\u202egnol',
];

test('a product, a path, a rejected row and a file named like markup are only names', async () => {
  const shop = temporaryFolder();
  const place = (name: string): string => path.join(shop, name);
  const rows = hostile.flatMap((id, at) => hostile.slice(0, at + 2).map((other) => `${id}\t${other}\n`));
  writeFileSync(place('views.tsv'), [...rows, '<b>no view</b>\n'].join(''));
  writeFileSync(place('products.tsv'), hostile.map((id) => `${id}\t${id} by name\n`).join(''));
  const against = place("<img src=x onerror='alert(1)'>.tsv");
  await relate(place('views.tsv'), { out: place('r.tsv') });
  writeFileSync(against, '');
  const out = place('report.html');
  await report({
    relations: place('r.tsv'),
    views: place('views.tsv'),
    work: shop,
    columns,
    out,
    against: { name: against, side: { kind: 'file', location: against } },
  });
  const page = await open(out, desktop);
  await page.getByRole('searchbox').fill('script');
  expect(await finder(page).getByRole('link').allInnerTexts()).toContain(`${hostile[0]} by name`);
  await page
    .getByRole('link', { name: `${hostile[1]} by name` })
    .first()
    .click();
  await page
    .getByRole('article')
    .getByRole('heading', { name: `${hostile[1]} by name`, exact: true })
    .waitFor();
  expect(await page.getByRole('table', { name: 'Longest paths' }).textContent()).toContain(hostile[1]);
  expect(await page.getByRole('table', { name: 'The first of them' }).textContent()).toContain('<b>no view</b>');
  await expect(page.getByRole('heading', { name: path.basename(against) }).count()).resolves.toBe(1);
  expect(await page.evaluate('document.images.length + document.querySelectorAll("b, iframe").length')).toBe(0);
  expect(await page.evaluate('document.scripts.length')).toBe(2);
});

test('the policy of the page lets a script that got in do nothing', async () => {
  const broken = path.join(temporaryFolder(), 'report.html');
  const added = '<script>document.title = "taken"</script><p style="position:fixed">';
  writeFileSync(broken, readFileSync(file, 'utf8').replace('<main', `${added}<main`));
  // Not `open`: that Chromium says in its console what it refused is the point here.
  const page = await open(file, desktop);
  const refused: string[] = [];
  page.removeAllListeners('console').on('console', (message) => refused.push(message.text()));
  page.removeAllListeners('request');
  await page.goto(`file://${broken}`);
  await expect(page.title()).resolves.toMatch(/^Also viewed: views\.tsv, \d+ \w+ \d{4}$/);
  expect(refused).toHaveLength(2);
});

test('10,000 products with ids of 36 bytes and names of 80 characters are all in a page of 1.5 MB, and it says how much of each list', async () => {
  const shop = temporaryFolder();
  const random = seededRandom(7);
  const place = (name: string): string => path.join(shop, name);
  const ids = Array.from({ length: 10_000 }, (_, at) =>
    createHash('md5')
      .update(`${at}`)
      .digest('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  ).sort();
  const words = [...names.values()].flatMap((name) => name.split(' '));
  // In Cyrillic letters, of two bytes each.
  const name = (): string =>
    Array.from({ length: 80 }, () => words[Math.floor(random() * words.length)])
      .join(' ')
      .slice(0, 80)
      .replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0x3d0));
  writeFileSync(place('products.tsv'), ids.map((id) => `${id}\t${name()}\n`).join(''));
  // Each product with forty others: lists longer than the page can have, of targets that no packing can foresee.
  const weight = (): number => 1 + Math.floor(60 * random() ** 4);
  writeFileSync(
    place('r.tsv'),
    ids
      .map((id, source) => {
        const targets = new Set(Array.from({ length: 40 }, () => Math.floor(random() * ids.length)));
        targets.delete(source);
        const sorted = [...targets].sort((a, b) => a - b);
        return sorted.map((target) => `${id}\t${ids[target]}\t${weight()}\n`).join('');
      })
      .join(''),
  );
  const out = place('report.html');
  await report({ relations: place('r.tsv'), work: shop, columns, out });
  expect(statSync(out).size).toBeLessThan(1.5e6);
  // As much of each list as there is room for.
  expect(statSync(out).size).toBeGreaterThan(1.2e6);
  const page = await open(out, desktop);
  await expect(page.getByRole('status').textContent()).resolves.toBe('10,000 products');
  const text = await page.getByRole('region', { name: 'Look up a product' }).textContent();
  const [, length] = /To stay small, the page has the first (\d+) of each list\./.exec(text ?? '') ?? [];
  expect(Number(length)).toBeGreaterThan(10);
  expect(Number(length)).toBeLessThan(40);
  await page.getByRole('searchbox').fill(ids[7777] ?? '');
  await finder(page).getByRole('link').click();
  expect((await cells(list(page))).length).toBe(Math.min(20, Number(length)));
});
