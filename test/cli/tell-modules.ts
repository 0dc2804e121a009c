// Written at once: what the hooks' own thread has still to pass on when the process ends is lost.
const hooks = `import { writeSync } from "node:fs";
  export async function load(url, context, next) { writeSync(2, url + "\\n"); return next(url, context); }`;
const register = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hooks)}');`;

/** The environment in which a command writes the address of each module that it loads to standard error, a line each. */
export const tellModules: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(register)}`,
};
