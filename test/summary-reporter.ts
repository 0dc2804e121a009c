import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line of counts, which every continuous integration understands. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A file that fails before its tests are known has none to count.
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        counts[test.result().state]++;
      }
    }
    process.stdout.write(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped\n`,
    );
  }
}
