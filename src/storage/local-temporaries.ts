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

/** Removes what killed processes left when they were writing this file. Where that is not to be seen, it stays. */
export async function removeOldTemporaries(file: string, { log }: Effects): Promise<void> {
  const folder = path.dirname(file);
  const shown = shownName(file);
  for (const name of await readdir(folder).catch(() => [])) {
    const [, whole, by = ''] = temporary.exec(name) ?? [];
    const writer = whole === shown ? parseProcess(by) : undefined;
    if (writer !== undefined && hasEnded(writer)) {
      await rm(path.join(folder, name), { force: true });
      log.info(`Removed ${path.join(folder, name)}, which a killed job left`);
    }
  }
}

/** Removes all such files in those folders of a folder, to which no living job writes. */
export async function removeTemporaries(folder: string, folders: readonly string[], { log }: Effects): Promise<void> {
  try {
    for (const inner of folders) {
      for (const name of await readdir(path.join(folder, inner))) {
        if (temporary.test(name)) {
          const file = path.join(folder, inner, name);
          await rm(file);
          log.info(`Removed ${file}, which a killed job left`);
        }
      }
    }
  } catch (error) {
    log.warn(`Could not remove what killed jobs may have left in ${folder}: ${messageOf(error)}`);
  }
}
