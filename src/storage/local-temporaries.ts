import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Effects } from '../effects.ts';
import { messageOf } from '../failure.ts';
import { formatProcess, hasEnded, type ProcessIdentity, parseProcess, thisProcess } from '../process-identity.ts';

/** Bytes of a file's name that fit into the name of its temporary one: file systems take 255. */
const longestName = 200;

/** The name under which a file is written before it is whole. It says who writes it, so that others know when he is dead. */
export function temporaryName(file: string, { randomHex }: Effects): string {
  return path.join(path.dirname(file), `.${shownName(file)}.${formatProcess(thisProcess())}.${randomHex(4)}.tmp`);
}

function shownName(file: string): string {
  const name = path.basename(file);
  return Buffer.byteLength(name) > longestName ? createHash('sha256').update(name).digest('hex') : name;
}

/** The file's own name, and who writes it. */
const temporary = /^\.(.+)\.([0-9a-f-]+)\.[0-9a-f]{8}\.tmp$/;

/** Who writes under a temporary name; `undefined` for any other name. */
export function writerOf(name: string): ProcessIdentity | undefined {
  return parseProcess(temporary.exec(name)?.[2] ?? '');
}

/**
 * Removes what killed processes left beside a file when they were writing there: this one, or others, whose names may never come again. Where
 * it is not to be seen that they ended, it stays.
 */
export async function removeOldTemporaries(file: string, { log }: Effects): Promise<void> {
  const folder = path.dirname(file);
  for (const name of await readdir(folder).catch(() => [])) {
    const writer = writerOf(name);
    if (writer !== undefined && hasEnded(writer)) {
      const old = path.join(folder, name);
      // What belongs to somebody else may not be ours to remove.
      await rm(old).then(
        () => log.info(`Removed ${old}, which a killed job left`),
        () => {},
      );
    }
  }
}

/** All such files in those folders of a folder, whoever writes them. */
export async function temporariesIn(folder: string, folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (inner) =>
      (await readdir(path.join(folder, inner)))
        .filter((name) => temporary.test(name))
        .map((name) => path.join(folder, inner, name)),
    ),
  );
  return found.flat();
}

/** Removes them, where no living job writes. */
export async function removeTemporaries(folder: string, folders: readonly string[], { log }: Effects): Promise<void> {
  try {
    for (const file of await temporariesIn(folder, folders)) {
      await rm(file);
      log.info(`Removed ${file}, which a killed job left`);
    }
  } catch (error) {
    log.warn(`Could not remove what killed jobs may have left in ${folder}: ${messageOf(error)}`);
  }
}
