import { evaluate, type Protocol } from 'also-viewed';
import { expect, test } from 'vitest';
import { protocolLines } from '#dist/report/evaluate/format-evaluation.js';
import { rowsFile } from './views-file.ts';

/** Evaluates on so many paths that end at each time; every one went from a to b. */
async function evaluated(ends: readonly number[]): Promise<{ protocol: Protocol; split: string | undefined }> {
  const rows = ends.flatMap((paths, time) =>
    Array.from({ length: paths }, (_, path) => ['a', 'b'].map((id) => `${time}-${path}\t${id}\t${time}`)).flat(),
  );
  const evaluation = await evaluate({ views: rowsFile('path_id\tproduct_id\tviewed_at', rows) });
  return { protocol: evaluation.protocol, split: protocolLines(evaluation, String)[0] };
}

test.each([
  // A fifth of ten paths: what begins nearest to the place of the eighth is tested.
  [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 2, '20 %', ''],
  [[5, 2, 3], 3, '30 %', '; no other time to split at is nearer to 20 %'],
  [[4, 5, 1], 1, '10 %', '; no other time to split at is nearer to 20 %'],
  [[9, 1], 1, '10 %', '; no other time to split at is nearer to 20 %'],
  [[1, 9], 9, '90 %', '; no other time to split at is nearer to 20 %'],
  // Six paths have no fifth.
  [[1, 1, 1, 1, 1, 1], 1, '16.7 %', '; no other time to split at is nearer to 20 %'],
])(
  'paths that end at the same time stay together, and the share that is printed is the real one: %j',
  async (ends, tested, share, why) => {
    const { protocol, split } = await evaluated(ends);
    expect(protocol).toMatchObject({ testPaths: tested, paths: ends.reduce((sum, paths) => sum + paths) - tested });
    expect(split).toBe(
      `Split: by viewed_at: the ${share} of the paths that end last, at ${protocol.cut} or later, are foreseen from those that end before${why}.`,
    );
  },
);

test('paths that all end at the same time cannot be split by it', async () => {
  await expect(evaluated([10])).rejects.toMatchObject({
    kind: 'badData',
    message: 'Cannot split the views by time: all paths end at the same time',
  });
});
