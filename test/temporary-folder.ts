import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { expectNoSecretIn } from './services/secret-mark.ts';

/** An empty folder that is gone when the test ends, after a look whether a job left a secret in it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'also-viewed-test-'));
  onTestFinished(() => {
    try {
      expectNoSecretIn(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return folder;
}
