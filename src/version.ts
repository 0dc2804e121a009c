import { createRequire } from 'node:module';

const { version: text }: { version: string } = createRequire(import.meta.url)('also-viewed/package.json');

/** The version of this package. */
export const version: string = text;
