import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.ts';

const { version: text, engines }: { version: string; engines: { node: string } } = JSON.parse(
  readFileSync(packageFile('package.json'), 'utf8'),
);

/** The version of this package. */
export const version: string = text;

/** The oldest Node.js that it runs on: `20.19`. */
export const oldestNode: string = engines.node.replace('>=', '');
