import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { freeMemory } from '#dist/engine/local/free-memory.js';
import { temporaryFolder } from '../../temporary-folder.ts';

const MB = 2 ** 20;
const mountOf2 = '31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const mountOf1 = '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory';

/** A folder like `/` of a machine with 8 GB available. */
function machine(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  const all = {
    'proc/meminfo': `MemTotal: 16000000 kB\nMemAvailable:    ${8192 * 1024} kB\nSwapFree: 0 kB\n`,
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  return root;
}

test('without a cgroup, or with one that has no limit, it is what the machine has available', () => {
  expect(freeMemory(machine({}))).toBe(8192 * MB);
  const unlimited = {
    'proc/self/cgroup': '0::/user.slice\n',
    'proc/self/mountinfo': `${mountOf2}\n`,
    'sys/fs/cgroup/user.slice/memory.max': 'max\n',
    'sys/fs/cgroup/user.slice/memory.high': 'max\n',
    'sys/fs/cgroup/user.slice/memory.current': `${500 * MB}\n`,
  };
  expect(freeMemory(machine(unlimited))).toBe(8192 * MB);
});

test.each([
  ['the group of the process', 'a.slice/b.scope', 1000, 1000],
  ['a group around it', 'a.slice', 600, 600],
])('of version 2, %s bounds it; the cache of files does not count as used', (_, limited, limit, expected) => {
  const group = `sys/fs/cgroup/${limited}`;
  const root = machine({
    'proc/self/cgroup': '0::/a.slice/b.scope\n',
    'proc/self/mountinfo': `22 1 0:20 / /proc rw - proc proc rw\n${mountOf2}\n`,
    'sys/fs/cgroup/a.slice/memory.max': 'max\n',
    'sys/fs/cgroup/a.slice/b.scope/memory.max': `${2000 * MB}\n`,
    'sys/fs/cgroup/a.slice/b.scope/memory.current': '0\n',
    [`${group}/memory.max`]: `${limit * MB}\n`,
    [`${group}/memory.current`]: `${300 * MB}\n`,
    [`${group}/memory.stat`]: `anon ${100 * MB}\nfile ${200 * MB}\ninactive_anon 7\ninactive_file ${150 * MB}\nactive_file ${50 * MB}\n`,
  });
  expect(freeMemory(root)).toBe((expected - 100) * MB);
});

test('of version 2, memory.high bounds it as well: beyond it the kernel brakes', () => {
  const root = machine({
    'proc/self/cgroup': '0::/\n',
    'proc/self/mountinfo': mountOf2,
    'sys/fs/cgroup/memory.max': `${900 * MB}\n`,
    'sys/fs/cgroup/memory.high': `${700 * MB}\n`,
    'sys/fs/cgroup/memory.current': `${100 * MB}\n`,
  });
  expect(freeMemory(root)).toBe(600 * MB);
});

test('of version 1, the memory controller bounds it, wherever it is mounted', () => {
  const group = 'sys/fs/cgroup/memory/jobs/night';
  const root = machine({
    'proc/self/cgroup': '9:name=systemd:/\n4:memory:/jobs/night\n1:cpu,cpuacct:/\n0::/\n',
    'proc/self/mountinfo': `32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n${mountOf1}\n`,
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    [`${group}/memory.limit_in_bytes`]: `${400 * MB}\n`,
    [`${group}/memory.usage_in_bytes`]: `${150 * MB}\n`,
    [`${group}/memory.stat`]: `cache 1\ninactive_file 5\ntotal_inactive_file ${30 * MB}\ntotal_active_file ${20 * MB}\n`,
  });
  expect(freeMemory(root)).toBe(300 * MB);
});

test('where version 1 has the memory controller beside a version 2 without it, version 1 bounds it', () => {
  const root = machine({
    'proc/self/cgroup': '4:memory:/jobs\n0::/user.slice\n',
    'proc/self/mountinfo': `${mountOf1}\n${mountOf2.replace('/sys/fs/cgroup ', '/sys/fs/cgroup/unified ')}\n`,
    'sys/fs/cgroup/unified/user.slice/cgroup.procs': '1\n',
    'sys/fs/cgroup/memory/jobs/memory.limit_in_bytes': `${400 * MB}\n`,
    'sys/fs/cgroup/memory/jobs/memory.usage_in_bytes': `${150 * MB}\n`,
  });
  expect(freeMemory(root)).toBe(250 * MB);
});

test('in a container that sees its own group as the mount point, that group bounds it', () => {
  const root = machine({
    'proc/self/cgroup': '4:memory:/docker/abc\n',
    'proc/self/mountinfo': mountOf1.replace(' / /sys', ' /docker/abc /sys'),
    'sys/fs/cgroup/memory/memory.limit_in_bytes': `${256 * MB}\n`,
    'sys/fs/cgroup/memory/memory.usage_in_bytes': `${56 * MB}\n`,
  });
  expect(freeMemory(root)).toBe(200 * MB);
});

test('a group that is over its limit leaves nothing', () => {
  const root = machine({
    'proc/self/cgroup': '0::/x\n',
    'proc/self/mountinfo': mountOf2,
    'sys/fs/cgroup/x/memory.max': '1000\n',
    'sys/fs/cgroup/x/memory.current': '3000\n',
  });
  expect(freeMemory(root)).toBe(0);
});
