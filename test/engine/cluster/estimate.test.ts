import { expect, test } from 'vitest';
import { estimateCluster } from '#dist/engine/cluster/estimate.js';
import { busyShare, fixedSeconds } from '#dist/engine/cluster/rates.js';

test('twice the views and pairs are twice the work, and twice the cores half the time beside the fixed one', () => {
  const task = { views: 1e9, pairs: 8e9, cores: 80 };
  const once = estimateCluster(task);
  const twice = estimateCluster({ views: 2e9, pairs: 16e9, cores: 160 });
  expect(twice.coreSeconds).toBeCloseTo(2 * once.coreSeconds);
  expect(twice.shuffleBytes).toBeCloseTo(2 * once.shuffleBytes);
  expect(twice.wallSeconds).toBeCloseTo(once.wallSeconds);
  expect((once.wallSeconds - fixedSeconds) * 80 * busyShare).toBeCloseTo(once.coreSeconds);
});
