import type { Diagnosis } from 'also-viewed';

/** What is not as it should be, a line each. */
export function problems({ findings }: Diagnosis): string[] {
  return findings
    .filter(({ state }) => state !== 'ok')
    .map(({ state, check, message }) => `${state}: ${check}: ${message}`);
}
