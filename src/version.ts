import { createRequire } from 'node:module';

const { version: text }: { version: string } = createRequire(import.meta.url)('../package.json');

/** The version of this package. */
export const version: string = text;
