import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileFailure } from '../failure.ts';
import { formatProcess, hasEnded, parseProcess, thisProcess } from '../process-identity.ts';

/**
 * Does some work with an empty folder that is gone afterwards, as are those of its kind that killed processes left.
 *
 * @param kind the name begins so; then it says whose it is, so that others know when he is dead
 * @param parent where it is made; default: the system's folder for such
 */
export async function withTemporaryFolder<T>(
  work: (folder: string) => Promise<T>,
  kind = 'also-viewed',
  parent = tmpdir(),
): Promise<T> {
  for (const folder of await oldFolders(kind, parent)) {
    // Another user's stays: the system does not let us remove it.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
  const folder = await mkdtemp(path.join(parent, `${kind}-${formatProcess(thisProcess())}-`)).catch(
    (error: unknown) => {
      throw fileFailure('write', `temporary files in ${parent}`, error);
    },
  );
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The folders of a kind that killed processes left. */
export async function oldFolders(kind: string, parent = tmpdir()): Promise<string[]> {
  const ours = new RegExp(`^${kind}-(.+)-\\w{6}$`);
  const names = await readdir(parent).catch(() => []);
  const ofTheDead = names.filter((name) => {
    const owner = parseProcess(ours.exec(name)?.[1] ?? '');
    return owner !== undefined && hasEnded(owner);
  });
  return ofTheDead.map((name) => path.join(parent, name));
}
