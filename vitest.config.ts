import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

export default defineConfig({
  test: {
    // `make soak`: what takes minutes each; tests of the ordinary suite do more of the same.
    include: ['test/**/*.test.ts', ...(process.env['SOAK'] ? ['test/soak/*.soak.ts'] : [])],
    exclude: ['test/cluster/**'],
    globalSetup: ['test/services/global-setup.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    // As the command line does it for itself.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // Of two cores: commands that start, servers that answer and pauses leave a third file room; more only make each other wait.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
