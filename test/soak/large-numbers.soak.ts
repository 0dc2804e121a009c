import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const main = fileURLToPath(import.meta.resolve('#dist/cli/main.cjs'));

/** The lines of the relations of the views that a program of awk writes. */
function relationsOf(program: string, ...options: readonly string[]): string[] {
  const out = path.join(temporaryFolder(), 'r.tsv');
  const script = 'awk "$0" | "$@"';
  const command = [process.execPath, main, 'relate', '-', '--quiet', '--out', out, ...options];
  const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script, program, ...command], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return readFileSync(out, 'utf8').trimEnd().split('\n');
}

test.each([
  ['in memory', '4G'],
  ['in parts', '256M'],
])(
  'more than 2^24 paths are each one of its own, %s',
  (_, memory) => {
    // Two more than a Map of JavaScript holds; those two have a product that no other one has.
    const views = `BEGIN { for (n = 1; n <= 2 ^ 24 + 2; n++) { print n "\\ta"; if (n % 1000000 == 0) print n "\\tb"; if (n > 2 ^ 24) print n "\\tc" } }`;
    expect(relationsOf(views, '--memory', memory)).toEqual(['a\tb\t16', 'a\tc\t2', 'b\ta\t16', 'c\ta\t2']);
  },
  600_000,
);

test('a path of more than 65,535 products is related', () => {
  const products = 70_000;
  const views = `BEGIN { for (n = 1; n <= ${products}; n++) print "robot\\t" n; print "visit\\t5"; print "visit\\t69999" }`;
  const lines = relationsOf(views, '--top', '1');
  expect(lines).toHaveLength(products);
  expect([...lines.slice(0, 6), ...lines.slice(-2)]).toEqual([
    ...['1\t2\t1', '2\t1\t1', '3\t1\t1', '4\t1\t1', '5\t69999\t2', '6\t1\t1'],
    ...['69999\t5\t2', '70000\t1\t1'],
  ]);
}, 600_000);
