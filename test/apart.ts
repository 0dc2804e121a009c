/**
 * Files of tests that need a process of their own: they put other modules in place of the product's, change its current folder, or measure how much
 * its memory grows.
 */
export const apart = ['test/run/crashes.test.ts', 'test/fuzz/*.test.ts'];
