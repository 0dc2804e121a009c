import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../failure.ts';

/**
 * Makes a folder and those above it. Not the recursive `mkdir` of Node.js, which tries for ever where a folder is there and takes none,
 * as /proc.
 *
 * @param folder its absolute path
 * @throws what the system says
 */
export async function makeFolders(folder: string): Promise<void> {
  const failure: unknown = await mkdir(folder).catch((error: unknown) => error);
  if (failure === undefined || (await isFolder(folder))) {
    return;
  }
  const parent = path.dirname(folder);
  if (errorCode(failure) !== 'ENOENT' || (await isFolder(parent))) {
    throw failure;
  }
  await makeFolders(parent);
  await makeFolders(folder);
}

async function isFolder(location: string): Promise<boolean> {
  const stats = await stat(location).catch(() => undefined);
  return stats?.isDirectory() === true;
}
