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
      const pid = Number(readFileSync(path.join(containers, application, 'client.pid'), 'utf8'));
      // The file may be there and still empty; and a signal to the process 0 goes to the whole group of this one.
      return pid > 0 && process.kill(pid, 'SIGUSR2');
    } catch {
      // It has ended.
      return false;
    }
  });
  return told.includes(true);
}
