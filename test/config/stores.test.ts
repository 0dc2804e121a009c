import { expect, test } from 'vitest';
import { environmentOf } from '#dist/config/stores.js';

const stores = ['uk', 'shop-2'];

test('a store gets its own passwords, those for all where it has none, and never those of another store', () => {
  const env = {
    PATH: '/bin',
    ALSO_VIEWED_SOURCE_PASSWORD: 'reader of all',
    ALSO_VIEWED_TARGET_PASSWORD: 'writer of all',
    ALSO_VIEWED_UK_TARGET_PASSWORD: 'writer of uk',
    ALSO_VIEWED_SHOP_2_TARGET_PASSWORD_FILE: '/writer-of-shop-2',
  };
  expect(environmentOf(env, 'uk', stores)).toEqual({
    PATH: '/bin',
    ALSO_VIEWED_SOURCE_PASSWORD: 'reader of all',
    ALSO_VIEWED_TARGET_PASSWORD: 'writer of uk',
  });
  expect(environmentOf(env, 'shop-2', stores)).toEqual({
    PATH: '/bin',
    ALSO_VIEWED_SOURCE_PASSWORD: 'reader of all',
    ALSO_VIEWED_TARGET_PASSWORD_FILE: '/writer-of-shop-2',
  });
});
