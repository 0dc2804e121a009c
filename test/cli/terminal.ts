/** An environment in which a command takes its standard error for a terminal. */
export const terminal = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent('Object.assign(process.stderr, { isTTY: true, columns: 80 })')}`,
};
