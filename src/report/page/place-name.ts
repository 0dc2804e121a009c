import path from 'node:path';

/** A place as the page names it: of an absolute path on some machine only the file's name, which is all that a colleague can use. */
export function placeName(location: string): string {
  return path.isAbsolute(location) ? path.basename(location) : location;
}
