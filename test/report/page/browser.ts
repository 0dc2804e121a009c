import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

// Keep in step with scripts/install-chromium.sh.
const executablePath = '/usr/lib/chromium/chromium-headless-shell';
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** Opens a page of this machine's disk, without a network. */
export type OpenPage = (file: string, options?: BrowserContextOptions) => Promise<Page>;

/**
 * One Chromium for the tests of a file. Each test fails that leaves a message in the console, throws in the page, opens a dialog or asks for
 * anything but the page itself.
 */
export function useBrowser(): OpenPage {
  let browser: Browser | undefined;
  const problems: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath,
      args: [...args, '--disable-component-update', '--disable-sync'],
    });
  });
  afterEach(async () => {
    await Promise.all(browser?.contexts().map((context) => context.close()) ?? []);
    expect(problems.splice(0)).toEqual([]);
  });
  afterAll(async () => await browser?.close());
  return async (file, options = {}) => {
    if (browser === undefined) {
      throw new Error('The browser has not started');
    }
    const url = pathToFileURL(file).href;
    const context = await browser.newContext({ offline: true, colorScheme: 'light', ...options });
    const page = await context.newPage();
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('dialog', (dialog) => problems.push(dialog.message()));
    page.on('request', (request) => {
      if (request.url().replace(/#.*/, '') !== url) {
        problems.push(request.url());
      }
    });
    await page.goto(url);
    // What the script adds is there once the products are unpacked.
    await page.getByRole('searchbox').waitFor();
    return page;
  };
}

/** The texts of the cells of a table's body, row by row. */
export async function cells(table: Locator): Promise<string[][]> {
  const [texts, width] = [
    await table.locator('tbody > tr > *').allTextContents(),
    await table.locator('thead th').count(),
  ];
  return Array.from({ length: texts.length / width }, (_, row) => texts.slice(row * width, (row + 1) * width));
}

/**
 * What axe finds that keeps anybody out: its rule and where. Everything that can be opened is open then.
 *
 * @param rules those to look at; default: all
 */
export async function barriers(page: Page, rules?: readonly string[]): Promise<[rule: string, places: string[]][]> {
  await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
  await page.evaluate(axe.source);
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules });
  const { violations, passes } = await page.evaluate<axe.AxeResults>(`axe.run(${options})`);
  expect(passes.length).toBeGreaterThanOrEqual(rules?.length ?? 20);
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}
