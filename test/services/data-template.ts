import { execFile } from 'node:child_process';
import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import type { DatabaseProduct } from './database.ts';
import { ownFolder } from './own-folder.ts';
import { dieWithParent } from './process.ts';

const run = promisify(execFile);

/**
 * The path of an initialised data folder to copy. Initialising takes seconds, copying a fraction of one: so the outcome is kept in the
 * cache, for each version of the server.
 */
export async function dataTemplate(product: DatabaseProduct): Promise<string> {
  const parent = join(cacheFolder(), 'templates');
  const template = join(parent, `${product.kind}-${await version(product)}`);
  if (await exists(template)) return template;

  const workshop = await ownFolder(parent, `making-${product.kind}`);
  try {
    const made = join(workshop, 'data');
    const [launcher, ...words] = dieWithParent;
    await run(launcher, [...words, ...product.initialise(made)]);
    // Two processes may have made one at once: the first is as good as ours.
    await rename(made, template).catch(async (error) => {
      if (!(await exists(template))) throw error;
    });
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
  return template;
}

async function version({ name, installer, command: [program, ...args] }: DatabaseProduct): Promise<string> {
  const { stdout } = await run(program, [...args, '--version']).catch((error) => {
    throw new Error(`Cannot start ${name}: run ${installer} first (${String(error)})`);
  });
  const found = /Ver (\S+)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`Cannot find the version of ${name} in: ${stdout}`);
  return found;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
