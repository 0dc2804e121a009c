import { stat } from 'node:fs/promises';
import { answered } from '../answered.ts';
import type { Effects } from '../effects.ts';

/** The first of the files that is also an output, under whatever names; `undefined` where none is. A pipe or a device is read and written. */
export async function outputAmong(
  files: readonly string[],
  outputs: readonly string[],
  effects: Effects,
): Promise<string | undefined> {
  const written = (await Promise.all(outputs.map((output) => identityOf(output, effects)))).filter(
    (identity) => identity !== undefined,
  );
  for (const file of written.length === 0 ? [] : files) {
    const read = await identityOf(file, effects);
    if (read !== undefined && written.includes(read)) {
      return file;
    }
  }
  return undefined;
}

/** What tells a file from others; `undefined` of one that is not there, and of a pipe or a device. */
async function identityOf(location: string, { signal }: Effects): Promise<string | undefined> {
  if (/^s3:/i.test(location)) {
    return location.replace(/^s3:/i, 's3:');
  }
  const looking = stat(location, { bigint: true }).catch(() => undefined);
  const stats = await answered(location, signal, looking);
  return stats?.isFile() ? `${stats.dev} ${stats.ino}` : undefined;
}
