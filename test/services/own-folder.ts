import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A new empty folder in `parent`, `NAME-PID-RANDOM`, for the life of this process. Folders of that name whose process is gone are removed
 * first: a process that is killed cannot tidy up, and a database's data is too large to leave lying about.
 */
export async function ownFolder(parent: string, name: string): Promise<string> {
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent)) {
    const [prefix, pid] = [entry.slice(0, name.length + 1), /-(\d+)-[^-]+$/.exec(entry)?.[1]];
    if (prefix === `${name}-` && pid !== undefined && !isAlive(Number(pid))) {
      // Another user's folder stays: it is not ours to remove.
      await rm(join(parent, entry), { recursive: true, force: true }).catch(() => {});
    }
  }
  return await mkdtemp(join(parent, `${name}-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, as another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
