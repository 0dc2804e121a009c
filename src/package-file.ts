import { createRequire } from 'node:module';
import path from 'node:path';

const folder = path.dirname(createRequire(import.meta.url).resolve('also-viewed/package.json'));

/**
 * The path of a file of this package.
 *
 * @param name from the package's folder: where a module lies says nothing, since the command line is a bundle
 */
export function packageFile(name: string): string {
  return path.join(folder, name);
}
