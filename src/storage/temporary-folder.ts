import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileFailure } from '../failure.ts';
import { formatProcess, hasEnded, parseProcess, thisProcess } from '../process-identity.ts';

/** The name says whose it is, so that others know when he is dead. */
const ours = /^also-viewed-(.+)-\w{6}$/;

/** Does some work with an empty folder that is gone afterwards, as are those that killed processes left. */
export async function withTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await removeOldFolders();
  const folder = await mkdtemp(path.join(tmpdir(), `also-viewed-${formatProcess(thisProcess())}-`)).catch(
    (error: unknown) => {
      throw fileFailure('write', tmpdir(), error);
    },
  );
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeOldFolders(): Promise<void> {
  for (const folder of await oldFolders()) {
    // Another user's stays: the system does not let us remove it.
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

/** The folders that killed processes left. */
export async function oldFolders(): Promise<string[]> {
  const names = await readdir(tmpdir()).catch(() => []);
  const ofTheDead = names.filter((name) => {
    const owner = parseProcess(ours.exec(name)?.[1] ?? '');
    return owner !== undefined && hasEnded(owner);
  });
  return ofTheDead.map((name) => path.join(tmpdir(), name));
}
