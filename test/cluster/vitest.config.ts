import { defineConfig } from 'vitest/config';

/** `make test-cluster`: minutes long, so not part of `make test`. */
export default defineConfig({
  test: {
    include: ['test/cluster/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 180_000,
  },
});
