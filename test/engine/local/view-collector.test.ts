import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { collectGarbage } from '#dist/engine/local/collect-garbage.js';
import { ViewChunks } from '#dist/engine/local/view-collector.js';
import { atOnce } from './at-once.ts';

test('the memory of views goes with the last of them, also where somebody still knows the chunks', async () => {
  const views = new ViewChunks();
  views.add(1, 2);
  views.end();
  const memory = new WeakRef(views.chunks[0]!.buffer);
  const taken: number[][] = [];
  atOnce(views.drain((chunk) => taken.push([...chunk])));
  // What a WeakRef was asked for lives until the job ends in which it was.
  await setImmediate();
  collectGarbage();
  expect(memory.deref()).toBeUndefined();
  expect({ taken, left: views.chunks }).toEqual({ taken: [[1, 2]], left: [] });
});
