import { defineConfig } from 'vitest/config';

/** `make test-cluster`: minutes long, so not part of `make test`. */
export default defineConfig({
  test: {
    include: ['test/cluster/*.test.ts'],
    // What takes a minute on an idle machine takes five beside twenty busy processes.
    testTimeout: 900_000,
    hookTimeout: 180_000,
  },
});
