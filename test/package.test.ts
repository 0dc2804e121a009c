import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { tellModules } from './cli/tell-modules.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('a packed tarball installed into an empty folder has a command, a function and types that work', () => {
  const folder = temporaryFolder();
  const npm = (...args: string[]): string =>
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, encoding: 'utf8' });
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, '--loglevel=error'], { cwd: root });
  writeFileSync(path.join(folder, 'package.json'), '{"name":"importer","private":true,"type":"module"}');
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  npm('install', '--prefer-offline', `./${tarball}`);
  writeFileSync(path.join(folder, 'views.tsv'), '1\ta\n1\tb\n');
  const command = execFileSync('node_modules/.bin/also-viewed', ['relate', 'views.tsv', '--quiet'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(command).toBe('a\tb\t1\nb\ta\t1\n');
  // What the emr engine sends to clusters.
  for (const name of ['dist/jobs/pairs-mapper.mjs', 'scripts/emr-bootstrap.sh']) {
    expect(existsSync(path.join(folder, 'node_modules', 'also-viewed', name))).toBe(true);
  }

  writeFileSync(
    path.join(folder, 'importer.ts'),
    `import { relate, type Related } from 'also-viewed';
const related: Related = await relate('views.tsv', { out: 'relations.tsv' });
export const relations: number = related.relations;
`,
  );
  // The importer's compiler and Node types are ours, so that the test needs no second copy of them.
  mkdirSync(path.join(folder, 'node_modules', '@types'), { recursive: true });
  for (const types of ['@types/node', 'undici-types']) {
    cpSync(path.join(root, 'node_modules', types), path.join(folder, 'node_modules', types), { recursive: true });
  }
  const flags = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
  execFileSync(path.join(root, 'node_modules', '.bin', 'tsc'), [...flags, 'importer.ts'], { cwd: folder });
  execFileSync(process.execPath, ['importer.js'], { cwd: folder });
  expect(readFileSync(path.join(folder, 'relations.tsv'), 'utf8')).toBe(command);
}, 120_000);

/** A variable of the job, or of its tests, is looked at by a module that is loaded for it. */
const withoutSettings = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('ALSO_VIEWED_')),
);

/** The addresses of all modules that a command loads. */
function loadedBy(...args: string[]): string[] {
  const { stderr, status } = spawnSync(process.execPath, [path.join(root, 'dist/cli/main.cjs'), ...args], {
    encoding: 'utf8',
    env: { ...withoutSettings, ...tellModules },
  });
  expect(status).toBe(0);
  return [...new Set(stderr.split('\n').filter((line) => /^(?:file|node):/.test(line)))];
}

// What is loaded decides how long a start takes; the time itself is for the bench.
test.each([
  ['--help', ['--help']],
  ['relate of a small file', ['relate', path.join(root, 'sample-data/views.tsv'), '--out', '/dev/null']],
])('%s loads a handful of files, no package, and no part of Node.js that it does not need', (_, args) => {
  const loaded = loadedBy(...args);
  const own = loaded.filter((url) => url.includes('/dist/'));
  expect(own.slice(9)).toEqual([]);
  const packages = loaded.map((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]);
  expect(new Set(packages.filter((name) => name !== undefined))).toEqual(new Set());
  const builtIn = loaded.filter((url) => url.startsWith('node:'));
  expect(builtIn).toContain('node:fs');
  expect(builtIn.filter((url) => /^node:(zlib|net|http|worker_threads|child_process)/.test(url))).toEqual([]);
});
