import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { expect, onTestFinished, test, vi } from 'vitest';
import { relateProcess, writeViews } from '../engine/local/relate-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const MB = 2 ** 20;

/**
 * Makes a cgroup with a limit of its memory and without swap, of the version whose memory controller the machine has. Fails where that is
 * not allowed: it takes root, and a /sys/fs/cgroup that can be written to.
 */
function limitedGroup(limit: number): { readonly processes: string; readonly killed: () => string | undefined } {
  const version2 = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const group = path.join(version2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory', `also-viewed-test-${process.pid}`);
  mkdirSync(group);
  onTestFinished(async () => {
    // The kernel lets go of the last process a moment after it has ended.
    await vi.waitFor(() => rmdirSync(group), { timeout: 10_000 });
  });
  if (version2) {
    writeFileSync('/sys/fs/cgroup/cgroup.subtree_control', '+memory');
    writeFileSync(path.join(group, 'memory.max'), String(limit));
    writeFileSync(path.join(group, 'memory.swap.max'), '0');
  } else {
    writeFileSync(path.join(group, 'memory.limit_in_bytes'), String(limit));
    writeFileSync(path.join(group, 'memory.memsw.limit_in_bytes'), String(limit));
  }
  const events = path.join(group, version2 ? 'memory.events' : 'memory.oom_control');
  return {
    processes: path.join(group, 'cgroup.procs'),
    killed: () => /^oom_kill (\d+)$/m.exec(readFileSync(events, 'utf8'))?.[1],
  };
}

test.each([
  [400, /Memory: the views fit in (2\d\d) MB/, 8_000_000, 6],
  [400, /The views do not fit in (2\d\d) MB/, 12_000_000, 2],
  [400, /Memory: \d parts in (2\d\d) MB/, 20_000_000, 2],
])(
  'in a cgroup of %i MB without swap the default of --memory leaves room for the process: %s',
  (limit, how, rows, perPath) => {
    const folder = temporaryFolder();
    const views = path.join(folder, 'views.tsv');
    writeViews(views, rows, perPath, 50_000, false);
    const group = limitedGroup(limit * MB);
    // Files, not pipes: what the kernel keeps of them in memory counts for the group.
    const args = [views, '--out', path.join(folder, 'r.tsv'), '--temp-dir', folder];
    const { code, stderr, peak } = relateProcess(args, group.processes);
    const memory = Number(how.exec(stderr)?.[1]);
    expect(memory, stderr).toBeGreaterThan(200);
    expect({ code, killed: group.killed() }).toEqual({ code: 0, killed: '0' });
    expect(peak).toBeLessThan((memory + 100) * MB);
  },
  600_000,
);
