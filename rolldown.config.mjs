import { readdirSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** What `relate` and `--help` always need; what they import comes with it. The rest stays in files of its own, which load when they are used. */
const core =
  /\/src\/(cli\/(program|report-failure)|engine\/relate|engine\/local\/local-engine|storage\/(local|standard))\.ts$/;

/** The same for `show`, which is asked again and again. */
const lists =
  /\/src\/(report\/(show|list-score|lookup|names|read-lists|format-lists|format-rows|path-counts)|tsv\/(find-list|find-packed-list|relation-rows|small-table)|storage\/local-seek|with-progress)\.ts$/;

const common = {
  platform: 'node',
  // Storages and engines are imported where they are used, whether or not another module had them already.
  checks: { ineffectiveDynamicImport: false },
};

export default defineConfig([
  // The command line in few files without comments: each of a hundred modules would take half a millisecond to load. Packages stay outside, but
  // for the one that every start needs, which is CommonJS and takes 4 ms less from here.
  {
    ...common,
    input: { 'cli/main': 'src/cli/main.ts' },
    external: /^(?![./]|src\/|commander$)/,
    output: {
      dir: 'dist',
      chunkFileNames: 'cli/bundle/[name]-[hash].js',
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
      codeSplitting: {
        groups: [
          { name: 'core', test: core },
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
