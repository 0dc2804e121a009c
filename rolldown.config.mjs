import { readdirSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** What every start needs; what it imports comes with it. The rest stays in files of its own, which load when they are used. */
const core = /\/src\/cli\/(program|report-failure)\.ts$/;

/** The same for `relate`. */
const relate = /\/src\/(engine\/relate|engine\/local\/local-engine|storage\/(local|standard))\.ts$/;

/** And for `show`, which is asked again and again. */
const lists =
  /\/src\/(report\/(show|list-score|lookup|names|read-lists|format-lists|format-rows|path-counts)|tsv\/(find-list|find-packed-list|relation-rows|small-table)|storage\/local-seek|with-progress)\.ts$/;

const nothing = '\0nothing';
/** commander would load child processes, and with them sockets, in every start: for commands that are programs of their own, of which there are none. */
const noPrograms = {
  name: 'no-programs',
  resolveId: (id, importer = '') =>
    id === 'node:child_process' && importer.includes('/node_modules/commander/') ? nothing : undefined,
  load: (id) => (id === nothing ? 'module.exports = {};' : undefined),
};

const common = {
  platform: 'node',
  // Storages and engines are imported where they are used, whether or not another module had them already.
  checks: { ineffectiveDynamicImport: false },
};

export default defineConfig([
  // The command line in few files without comments: each of a hundred modules would take half a millisecond to load. They are CommonJS, which Node.js
  // starts in two thirds of the time.
  // Packages stay outside, but for the one that every start needs, and those that are modules only. A stack names its functions as they are.
  {
    ...common,
    input: { 'cli/main': 'src/cli/main.ts' },
    external: /^(?![./\0]|src\/|node:|(commander|leven|p-limit|yocto-queue|p-retry|is-network-error)$)/,
    plugins: [noPrograms],
    output: {
      dir: 'dist',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: 'cli/bundle/[name]-[hash].cjs',
      minify: { compress: false, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
      codeSplitting: {
        groups: [
          { name: 'core', test: core },
          { name: 'relate', test: relate },
          { name: 'lists', test: lists },
        ],
      },
    },
  },
  // One file a job, with all that it needs: a cluster gets nothing else.
  ...readdirSync('jobs').map((job) => ({
    ...common,
    input: `jobs/${job}`,
    output: { file: `dist/jobs/${job.replace('.ts', '.mjs')}` },
  })),
  // The script of the report, which stands in the page.
  {
    input: 'src/report/page/client/main.ts',
    platform: 'browser',
    output: { file: 'dist/report/page/client.js', format: 'iife', minify: true },
  },
]);
