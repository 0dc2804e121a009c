import { readFileSync } from 'node:fs';
import path from 'node:path';

/** How each version of cgroups names the figures of a group. */
interface Names {
  readonly limits: readonly string[];
  readonly used: string;
  /** Lines of `memory.stat`: pages of files, which the kernel gives up before it kills anybody. */
  readonly cache: readonly string[];
}

const version1: Names = {
  limits: ['memory.limit_in_bytes'],
  used: 'memory.usage_in_bytes',
  cache: ['total_inactive_file', 'total_active_file'],
};
const version2: Names = {
  limits: ['memory.max', 'memory.high'],
  used: 'memory.current',
  cache: ['inactive_file', 'active_file'],
};

/**
 * Bytes of memory that this process can still get without swapping: of the machine, of the cgroup that it is in, and of every group around
 * that, whichever has least. `process.availableMemory()` looks at the innermost group only, and takes the cache of files that were just read
 * or written for memory in use (cgroups(7); Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of Linux).
 *
 * @param root folder that holds `proc` and, as it says, the cgroups
 */
export function freeMemory(root: string = '/'): number {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(read(root, 'proc/meminfo') ?? '')?.[1];
  let free = available === undefined ? process.availableMemory() : 1024 * Number(available);
  for (const { folder, mount, names } of groupsOf(root)) {
    // Up to the mount point, which in a container is the container's own group.
    for (let group = folder; ; group = path.dirname(group)) {
      free = Math.min(free, freeOf(root, group, names));
      if (group === mount || group === path.dirname(group)) {
        break;
      }
    }
  }
  return Math.max(0, free);
}

/** What a group has left of its own limit; `Infinity` without one. */
function freeOf(root: string, group: string, { limits, used, cache }: Names): number {
  const limit = Math.min(...limits.map((name) => numberOf(read(root, path.join(group, name)))));
  if (limit === Number.POSITIVE_INFINITY) {
    return limit;
  }
  const stat = read(root, path.join(group, 'memory.stat')) ?? '';
  const cached = cache.reduce((sum, name) => sum + Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0), 0);
  return limit - Number(read(root, path.join(group, used)) ?? 0) + cached;
}

/** `max`, and a group without the file (the root group of version 2), have no limit. */
function numberOf(text: string | undefined): number {
  return text === undefined || !/^\d+\s*$/.test(text) ? Number.POSITIVE_INFINITY : Number(text);
}

/** The groups of this process that may bound its memory, where they are mounted. A machine may have both versions. */
function groupsOf(root: string): { folder: string; mount: string; names: Names }[] {
  const own = (read(root, 'proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  return (read(root, 'proc/self/mountinfo') ?? '').split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , mountRoot = '', mount = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    const names =
      type === 'cgroup2' ? version2 : type === 'cgroup' && options.split(',').includes('memory') ? version1 : undefined;
    const group = own.find(([id, controllers = '']) =>
      names === version2 ? id === '0' : controllers.split(',').includes('memory'),
    );
    if (names === undefined || group === undefined) {
      return [];
    }
    // A container may see a part of the tree only, and then its own group as the mount point.
    const below = path.relative(mountRoot, group.slice(2).join(':'));
    return [{ folder: below.startsWith('..') ? mount : path.join(mount, below), mount, names }];
  });
}

function read(root: string, file: string): string | undefined {
  try {
    return readFileSync(path.join(root, file), 'utf8');
  } catch {
    // There is none: not Linux, or no such controller.
    return undefined;
  }
}
