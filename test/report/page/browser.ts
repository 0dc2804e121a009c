import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

// Keep in step with scripts/install-chromium.sh.
const executablePath = '/usr/bin/chromium';
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
