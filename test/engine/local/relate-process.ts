import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../temporary-folder.ts';

const main = fileURLToPath(new URL('../../../dist/cli/main.cjs', import.meta.url));

/** Writes views of random products, so many on each path; text ids are long ones. */
export function writeViews(file: string, rows: number, perPath: number, products: number, text: boolean): void {
  const descriptor = openSync(file, 'w');
  let state = 1;
  let lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const product = (state >>> 4) % products;
    const visit = Math.floor(row / perPath);
    lines.push(
      text
        ? `00000000-0000-4000-8000-${String(visit).padStart(12, '0')}\tSKU-${String(product).padStart(8, '0')}\n`
        : `${visit}\t${product}\n`,
    );
    if (lines.length === 1 << 15 || row === rows - 1) {
      writeSync(descriptor, lines.join(''));
      lines = [];
    }
  }
  closeSync(descriptor);
}

/** How a process of the job ended, whose output went nowhere. */
export interface RelateEnd {
  readonly code: number | null;
  readonly stderr: string;
  /** Its peak in bytes, as the operating system counts it (ru_maxrss). */
  readonly peak: number;
}

/**
 * Relates in a process of its own.
 *
 * @param cgroup a file to which the process writes its id before it begins
 */
export function relateProcess(args: readonly string[], cgroup?: string): RelateEnd {
  return jobProcess(['relate', ...args, '--verbose'], cgroup);
}

/** The same of any command. */
export function jobProcess(words: readonly string[], cgroup = '/dev/null'): RelateEnd {
  const folder = temporaryFolder();
  const peak = path.join(folder, 'peak');
  const tell = path.join(folder, 'tell.cjs');
  writeFileSync(
    tell,
    `if (require('node:worker_threads').isMainThread)
       process.once('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)}, String(1024 * process.resourceUsage().maxRSS)));`,
  );
  const { status, stderr } = spawnSync(
    'sh',
    // Not `exec`: a process begins with the peak of the one that it was forked from, and the test runner is larger than a shell.
    ['-c', 'echo $$ > "$0"; "$@"; exit $?', cgroup, process.execPath, `--require=${tell}`, main, ...words],
    { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return { code: status, stderr, peak: Number(readFileSync(peak, 'utf8')) };
}
