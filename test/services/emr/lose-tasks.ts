import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Tells the clients of a cluster's jobs that nodes were lost; `hadoop-client.mjs` does the rest.
 *
 * @param folder of the primary node
 * @returns whether there was one
 */
export function loseTasks(folder: string): boolean {
  const containers = path.join(folder, 'containers');
  const told = readdirSync(containers).map((application) => {
    try {
      process.kill(Number(readFileSync(path.join(containers, application, 'client.pid'), 'utf8')), 'SIGUSR2');
      return true;
    } catch {
      // It has ended.
      return false;
    }
  });
  return told.includes(true);
}
