import { statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { onlineRetail } from '../../real-data.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { barriers, useBrowser } from './browser.ts';

const open = useBrowser();

test('real views are shown, explained, reported on and compared by the commands', async () => {
  const cwd = temporaryFolder();
  const command = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await alsoViewed(args, { cwd });
    expect([code, stderr]).toEqual([args[0] === 'diff' ? 1 : 0, expect.not.stringContaining('Warning')]);
    return stdout;
  };
  await command('relate', onlineRetail, '--out', 'r.tsv.gz', '--quiet');
  await command('relate', onlineRetail, '--out', 'top.tsv', '--top', '10', '--quiet');
  // Counted with awk: paths with either, and with both.
  const shown = await command('show', '84879', '--relations', 'r.tsv.gz', '--views', onlineRetail, '--top', '5000');
  expect(shown).toMatch(/^84879\t\d+\t22423\t\t270\t0\.1839$/m);
  expect(await command('explain', '84879', '22423', '--views', onlineRetail, '--format', 'tsv')).toMatch(
    /^weight\t270\npaths_with_source\t1468\npaths_with_target\t2172\npaths\t25900\n/m,
  );
  expect(await command('diff', 'r.tsv.gz', 'top.tsv', '--format', 'tsv')).not.toMatch(/^[^-]/m);
  await command('report', '--relations', 'r.tsv.gz', '--views', onlineRetail, '--out', 'report.html');

  const file = path.join(cwd, 'report.html');
  expect(statSync(file).size).toBeLessThan(1.5e6);
  const page = await open(file);
  expect(await page.getByRole('region', { name: 'Look up a product' }).textContent()).toMatch(
    /To stay small, the page has the first \d+ of each list\./,
  );
  await page.getByRole('searchbox').fill('84879');
  await page.getByRole('search').getByRole('link', { name: '84879', exact: true }).click();
  await page.getByRole('article').getByRole('heading', { name: '84879' }).waitFor();
  const first = page.getByRole('table', { name: 'People also viewed' }).locator('tbody tr').first();
  const [, , heaviest = '', , weight = ''] = shown.split('\n')[1]?.split('\t') ?? [];
  expect((await first.locator('td').allTextContents()).slice(0, 2)).toEqual([heaviest, weight]);
  expect(await barriers(page)).toEqual([]);
}, 180_000);
