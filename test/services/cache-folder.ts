import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder that scripts/install-*.sh fill. */
export function cacheFolder(): string {
  const { env } = process;
  return resolve(env['ALSO_VIEWED_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'also-viewed'));
}
