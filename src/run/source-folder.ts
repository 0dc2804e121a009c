import path from 'node:path';
import { redact } from '../redact.ts';
import type { Manifest } from './manifest.ts';
import type { RunFolder } from './runs.ts';

const isUri = (location: string): boolean => /^[a-z]\w*:/i.test(location);

/**
 * The folder of a run's source as the manifest records it: seen from the run's folder, so that both may move together, and whoever asks may stand
 * elsewhere; `undefined` unless both are local.
 *
 * @param folder of the run
 */
export function recordedSourceFolder(
  folder: string,
  { source = '-' }: Manifest['parameters'],
): Pick<Manifest, 'sourceFolder'> {
  const file = String(source);
  // The path of a URI that lacks its colon may hold a password.
  return file === '-' || isUri(file) || isUri(folder) || redact(file) !== file
    ? {}
    : { sourceFolder: path.relative(folder, path.dirname(file)) || '.' };
}

/** The folder of a run's source, if it is a file. Of a run that did not record it, it is seen from the present folder. */
export function sourceFolderOf({ folder, manifest }: RunFolder): string | undefined {
  const { source = '-' } = manifest.parameters;
  return manifest.sourceFolder === undefined
    ? source === '-'
      ? undefined
      : path.dirname(String(source))
    : path.join(folder, manifest.sourceFolder);
}
