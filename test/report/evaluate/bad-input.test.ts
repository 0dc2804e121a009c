import { type EvaluateOptions, evaluate } from 'also-viewed';
import { expect, test } from 'vitest';
import { viewsFile } from './views-file.ts';

const shop = (): string => viewsFile('1: a b', '2: a b', '3: b c', '4: a c');

test.each<[string, () => EvaluateOptions, string, RegExp]>([
  ['no views', () => ({}), 'usage', /without views/],
  ['a training part alone', () => ({ train: shop() }), 'usage', /without views/],
  ['views and a split', () => ({ views: shop(), train: shop(), test: shop() }), 'usage', /two kinds/],
  ['a split that is to be split', () => ({ train: shop(), test: shop(), split: 'last' }), 'usage', /--split/],
  ['a share of a split', () => ({ train: shop(), test: shop(), testShare: 0.1 }), 'usage', /--test-share does not go/],
  ['a share of nothing', () => ({ views: shop(), testShare: 0 }), 'usage', /share of 0/],
  ['longer lists than anybody shows', () => ({ views: shop(), cutoffs: [10, 1001] }), 'usage', /1001 places/],
  ['all views of paths that are cut', () => ({ views: shop(), targets: 'all' }), 'usage', /last new product/],
  [
    'a time column that is not there',
    () => ({ views: shop(), timeColumn: 'seen' }),
    'badData',
    /views\.tsv: its columns are path_id, product_id, not seen$/,
  ],
  ['a split by times that are not there', () => ({ views: shop(), split: 'time' }), 'badData', /column viewed_at/],
  ['one path', () => ({ views: viewsFile('1: a b') }), 'badData', /no path of the training part/],
  ['paths of one product', () => ({ views: viewsFile('1: a', '2: b b') }), 'badData', /no path of the training/],
  ['no step', () => ({ train: shop(), test: viewsFile('1: a a', '2: b') }), 'badData', /no path of the test part/],
  ['other products', () => ({ train: shop(), test: viewsFile('1: x y') }), 'badData', /no product in common/],
  ['no views in the file', () => ({ views: viewsFile() }), 'badData', /no path of the training part/],
  ['a file that is not there', () => ({ views: '/nowhere/views.tsv' }), 'noInput', /does not exist/],
  ['too little memory', () => ({ views: shop(), memory: 0 }), 'inputOutput', /do not fit in 0 MB/],
])('%s: refused', async (_, options, kind, message) => {
  await expect(evaluate(options())).rejects.toMatchObject({ kind, message: expect.stringMatching(message) });
});
