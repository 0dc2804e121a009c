import path from 'node:path';

/**
 * The name of a file as Hadoop takes it. It takes `{`, `*`, `,` and others in an address as a pattern or as the end of it, and no name with a
 * colon (`2026-11-21T00:00.tsv`) or a blank.
 */
export function plainName(file: string): string {
  return path.basename(file).replace(/[^\w.-]/g, '_');
}
