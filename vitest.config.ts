import { defineConfig } from 'vitest/config';
import { apart } from './test/apart.ts';
import { LongestFirst } from './test/longest-first.ts';

// Certificates that installing may have needed: each of a thousand processes of Node.js would read them all when it starts.
delete process.env['NODE_EXTRA_CA_CERTS'];

const options = {
  // As the command line does it for itself.
  env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // What is waited for may take seconds where three files run at once on two cores.
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  test: {
    globalSetup: ['test/services/global-setup.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    // Of two cores: commands that start, servers that answer and pauses leave a third file room; more only make each other wait.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      // One after the other in the same processes, which saves each of them half a second of loading what all of them load.
      {
        test: {
          ...options,
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ['test/cluster/**', ...apart],
          isolate: false,
          // Node.js loads what was built by itself, as it does for users; through Vite it takes longer to load, and its loops to run.
          server: { deps: { external: [/\/dist\//] } },
        },
      },
      // `make soak`: what takes minutes each; tests of the ordinary suite do more of the same.
      {
        test: {
          ...options,
          name: 'apart',
          include: [...apart, ...(process.env['SOAK'] ? ['test/soak/*.soak.ts'] : [])],
        },
      },
    ],
  },
});
