import { createRequire } from 'node:module';

const { version: text, engines }: { version: string; engines: { node: string } } = createRequire(import.meta.url)(
  'also-viewed/package.json',
);

/** The version of this package. */
export const version: string = text;

/** The oldest Node.js that it runs on: `20.19`. */
export const oldestNode: string = engines.node.replace('>=', '');
