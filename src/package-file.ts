import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Upwards from this module, which is a file of its own or a part of the command line's bundle: asking Node.js for it takes 2 ms. */
function packageFolder(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    folder = path.dirname(folder);
  }
  return folder;
}

const folder = packageFolder();

/**
 * The path of a file of this package.
 *
 * @param name from the package's folder: where a module lies says nothing, since the command line is a bundle
 */
export function packageFile(name: string): string {
  return path.join(folder, name);
}
