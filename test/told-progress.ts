import { expect } from 'vitest';
import type { Progress } from '#dist/effects.js';

/**
 * Takes the progress of a job.
 *
 * @returns what takes it, and the stages so far, each with what was told of it: that it never went back or beyond its total is checked on the way
 */
export function toldProgress(): {
  progress: (progress: Progress) => void;
  stages: { stage: string; unit: string; total: number | undefined; done: number }[];
} {
  const stages: { stage: string; unit: string; total: number | undefined; done: number }[] = [];
  return {
    stages,
    progress: ({ stage, unit, total, done }) => {
      const last = stages.at(-1);
      if (last === undefined || last.stage !== stage || last.done > done) {
        expect(last === undefined || last.done === last.total).toBe(true);
        stages.push({ stage, unit, total, done });
      } else {
        last.done = done;
        last.total ??= total;
      }
    },
  };
}
