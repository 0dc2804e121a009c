import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Manifest, StageRecord } from '#dist/run/manifest.js';
import { formatMetrics } from '#dist/watch/metrics.js';
import type { Outcome } from '#dist/watch/outcome.js';
import { parseMetrics } from './parse-metrics.ts';

const startedAt = new Date('2026-11-21T03:00:00Z');
const finishedAt = new Date('2026-11-21T03:10:00.500Z');
const finished = finishedAt.getTime() / 1000;

function stage(name: StageRecord['name'], counts: StageRecord['counts'], state: StageRecord['state'] = 'done') {
  const times = { startedAt: startedAt.toISOString(), finishedAt: '2026-11-21T03:00:01.250Z' };
  return { name, state, ...times, counts };
}

const manifest: Manifest = {
  version: '1',
  run: 'R1',
  state: 'succeeded',
  startedAt: startedAt.toISOString(),
  parameters: {},
  stages: [
    stage('export', { rows: 100, nulls: 3, rejected: 0 }),
    stage('relate', { rows: 97, rejected: 4, relations: 20 }),
    stage('check', { identities: true }),
    stage('publish', { relations: 20, sources: 5, added: 3, changed: 4, removed: 5, unchanged: 36 }),
  ],
  artefacts: [],
};
const success: Outcome = { manifest, startedAt, finishedAt, exitCode: 0, failure: undefined };
const failure: Outcome = {
  ...success,
  manifest: { ...manifest, state: 'failed', stages: [stage('export', {}, 'failed')] },
  exitCode: 69,
  failure: { message: 'away', remedy: undefined },
};

test('a success is told with durations, rows, relations, the changed share and rejected rows', () => {
  expect(parseMetrics(formatMetrics(success, undefined, ''))).toEqual({
    also_viewed_last_run_timestamp_seconds: finished,
    also_viewed_last_success_timestamp_seconds: finished,
    also_viewed_exit_code: 0,
    also_viewed_run_duration_seconds: 600.5,
    'also_viewed_stage_duration_seconds{stage="export"}': 1.25,
    'also_viewed_stage_duration_seconds{stage="relate"}': 1.25,
    'also_viewed_stage_duration_seconds{stage="check"}': 1.25,
    'also_viewed_stage_duration_seconds{stage="publish"}': 1.25,
    'also_viewed_stage_rows{stage="export"}': 100,
    'also_viewed_stage_rows{stage="relate"}': 97,
    'also_viewed_stage_rows{stage="publish"}': 12,
    also_viewed_relations: 20,
    also_viewed_sources: 5,
    also_viewed_changed_share: 0.25,
    also_viewed_rejected_rows: 4,
  });
});

test('the alerts of the page about operations ask for metrics that are written', () => {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, rules = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const asked = [...rules.matchAll(/also_viewed_\w+/g)].map(([name]) => name);
  const written = Object.keys(parseMetrics(formatMetrics(success, undefined, ''))).map((name) => name.split('{')[0]);
  expect(asked.length).toBeGreaterThan(4);
  expect(written).toEqual(expect.arrayContaining(asked));
});

test('a failure keeps when the last success was, and so does the failure after it', () => {
  const first = formatMetrics(failure, undefined, formatMetrics(success, undefined, ''));
  const later = { ...failure, manifest: undefined, finishedAt: new Date('2026-11-22T03:00:00Z') };
  for (const [metrics, end] of [
    [first, finished],
    [formatMetrics(later, undefined, first), later.finishedAt.getTime() / 1000],
  ] as const) {
    expect(parseMetrics(metrics)).toMatchObject({
      also_viewed_last_run_timestamp_seconds: end,
      also_viewed_last_success_timestamp_seconds: finished,
      also_viewed_exit_code: 69,
    });
    expect(metrics).not.toContain('also_viewed_relations');
  }
});

test('a failure without a success before it names none', () => {
  expect(formatMetrics(failure, undefined, '')).not.toContain('last_success');
});

test('rejected rows of a stage that failed are counted by their file', () => {
  const artefacts = [{ name: 'rejected.tsv', bytes: 1, lines: 11, sha256: '' }];
  const rejected = { ...failure, manifest: { ...manifest, stages: [stage('export', {}, 'failed')], artefacts } };
  expect(parseMetrics(formatMetrics(rejected, undefined, ''))).toMatchObject({ also_viewed_rejected_rows: 11 });
});

test('any store is a label of every sample, from which the last success is found again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (store) => {
      const before = formatMetrics(success, store, '');
      const keys = Object.keys(parseMetrics(before));
      expect(keys.filter((key) => !key.includes('{store="'))).toEqual([]);
      const after = Object.entries(parseMetrics(formatMetrics(failure, store, before)));
      expect(after.find(([key]) => key.startsWith('also_viewed_last_success'))?.[1]).toBe(finished);
    }),
    { numRuns: 30 },
  );
});

test('figures of any size are numbers of the format', () => {
  for (const rows of [0, 1e21, Number.MAX_SAFE_INTEGER]) {
    const exported = { ...manifest, stages: [stage('export', { rows })] };
    expect(parseMetrics(formatMetrics({ ...success, manifest: exported }, undefined, ''))).toMatchObject({
      'also_viewed_stage_rows{stage="export"}': rows,
    });
  }
});
