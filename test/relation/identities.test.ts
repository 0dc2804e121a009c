import { expect, test } from 'vitest';
import { addSums, brokenIdentity, noRelations } from '#dist/relation/identities.js';
import { kernelOf } from '../engine/local/kernel-of.ts';

function sumsOf(relations: readonly [number, number, number][]): ReturnType<typeof noRelations> {
  const sums = noRelations();
  const { kernel } = kernelOf(3, []);
  for (const [source, target, weight] of relations) {
    const part = noRelations();
    kernel.targets[0] = target;
    kernel.weights[0] = weight;
    kernel.addTo(part, source, 1);
    addSums(sums, part);
  }
  return sums;
}

test('relations that mirror each other and add up satisfy both identities, in any order', () => {
  expect(
    brokenIdentity(
      sumsOf([
        [0, 1, 2],
        [1, 0, 2],
        [1, 2, 5],
        [2, 1, 5],
      ]),
      14,
    ),
  ).toBeUndefined();
  expect(
    brokenIdentity(
      sumsOf([
        [2, 1, 5],
        [1, 0, 2],
        [0, 1, 2],
        [1, 2, 5],
      ]),
      14,
    ),
  ).toBeUndefined();
});

test('a lost or doubled pair breaks the sum of the weights', () => {
  expect(
    brokenIdentity(
      sumsOf([
        [0, 1, 2],
        [1, 0, 2],
      ]),
      6,
    ),
  ).toMatch(/add up to 4, the pairs of the paths to 6/);
});

test('a weight counted for the wrong relation breaks the symmetry though the sum is right', () => {
  expect(
    brokenIdentity(
      sumsOf([
        [0, 1, 3],
        [1, 0, 1],
      ]),
      4,
    ),
  ).toMatch(/both directions differ/);
  expect(
    brokenIdentity(
      sumsOf([
        [0, 1, 2],
        [2, 0, 2],
      ]),
      4,
    ),
  ).toMatch(/both directions differ/);
});
