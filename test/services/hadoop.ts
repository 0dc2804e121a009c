import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';

/**
 * The folder of the installed Hadoop: `bin/hadoop`, and the streaming jar in `share/`. It runs a job in one process, and makes
 * links in the current folder meanwhile: give each job a working folder of its own.
 */
export function hadoopHome(): string {
  // Keep in step with scripts/install-hadoop.sh.
  const home = join(cacheFolder(), 'hadoop-3.4.2-s3a');
  if (!existsSync(home)) throw new Error(`Cannot run Hadoop: run scripts/install-hadoop.sh first (no ${home})`);
  return home;
}
