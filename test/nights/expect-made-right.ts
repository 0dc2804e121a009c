import { expect } from 'vitest';
import type { Ended } from '../cli/also-viewed.ts';
import { expectWholeRuns } from './expect-whole-runs.ts';
import type { Shop } from './shop.ts';

/**
 * Makes sure that a run that broke off left nothing half written, and that the next one, `resumed` or new, begins at once and makes all
 * of it right.
 *
 * @param before what readers may have found before it, as relations files
 * @param after what they are to find
 * @returns whether there was a run to go on with, and it was
 */
export async function expectMadeRight(
  shop: Shop,
  run: (...more: string[]) => Promise<Ended>,
  resumed: boolean,
  before: readonly string[],
  after: string | undefined,
): Promise<boolean> {
  await shop.expectNothingMixed(before);
  const last = (await expectWholeRuns(shop.work, false)).at(-1);
  let ended = await run(...(resumed ? ['--resume'] : []));
  const nothingToResume = resumed && ended.code === 66;
  if (nothingToResume) {
    // It had not begun, or was done.
    expect(ended.stderr).toContain(`Cannot resume run ${last?.run}: it succeeded`);
    ended = await run();
  }
  expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/Looking whether|Waiting for/) });
  expect((await shop.published()) === after).toBe(true);
  expect((await expectWholeRuns(shop.work, true)).at(-1)).toMatchObject({ state: 'succeeded' });
  expect(await shop.leftovers()).toEqual([]);
  return resumed && !nothingToResume;
}
