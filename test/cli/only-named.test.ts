import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { alsoViewed } from './also-viewed.ts';

const views = fileURLToPath(new URL('../../sample-data/views.tsv', import.meta.url));

test('what the configuration says for the next run does not hold for what looks at one', async () => {
  const cwd = temporaryFolder();
  const here = { cwd };
  await alsoViewed(['run', '--source', views, '--target', 'now.tsv', '--top', '5', '--quiet'], here);
  writeFileSync(path.join(cwd, 'also-viewed.yml'), 'top: 1\nmin-weight: 1000\nscore: lift\nout: now.tsv\n');
  const relations = readFileSync(path.join(cwd, 'now.tsv'), 'utf8');
  const config = ['--config', 'also-viewed.yml'];

  const said = await alsoViewed(['explain', '1001', '1035', '--format', 'jsonl'], here);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(said.stdout.split('\n')[0] ?? '')).toMatchObject({ weight: 57 });
  expect(await alsoViewed(['explain', '1001', '1035', '--format', 'jsonl', ...config], here)).toEqual(said);

  const page = await alsoViewed(['report', ...config], here);
  expect(page).toMatchObject({ code: 0, stderr: expect.stringMatching(/^The report is in .*report\.html\n$/) });
  expect(readFileSync(path.join(cwd, 'now.tsv'), 'utf8')).toBe(relations);
});
