import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Effects } from '../effects.ts';
import { messageOf } from '../failure.ts';

/** The name under which a file is written before it is whole. */
export function temporaryName(file: string, { randomHex }: Effects): string {
  return path.join(path.dirname(file), `.${path.basename(file)}.${randomHex(4)}.tmp`);
}

/** Removes such files in those folders of a folder, to which no living job writes. */
export async function removeTemporaries(folder: string, folders: readonly string[], { log }: Effects): Promise<void> {
  try {
    for (const inner of folders) {
      for (const name of await readdir(path.join(folder, inner))) {
        if (/^\..+\.[0-9a-f]{8}\.tmp$/.test(name)) {
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
