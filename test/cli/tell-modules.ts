// Written at once: what the hooks' own thread has still to pass on when the process ends is lost.
const hooks = `import { writeSync } from "node:fs";
  export async function load(url, context, next) { writeSync(2, url + "\\n"); return next(url, context); }`;
const tell = `import { writeSync } from 'node:fs';
  import Module, { isBuiltin, register } from 'node:module';
  import { pathToFileURL } from 'node:url';
  register('data:text/javascript,${encodeURIComponent(hooks)}');
  const load = Module._load;
  Module._load = (request, ...given) => {
    const url = isBuiltin(request) ? 'node:' + request.replace(/^node:/, '') : pathToFileURL(Module._resolveFilename(request, ...given)).href;
    writeSync(2, url + '\\n');
    return load(request, ...given);
  };`;

/** The environment in which a command writes the address of each module that it loads to standard error, a line each. */
export const tellModules: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(tell)}`,
};
