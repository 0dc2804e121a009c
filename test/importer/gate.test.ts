import { expect, test } from 'vitest';
import { type GateCase, passGate } from '#dist/importer/gate.js';
import { defaultLimits } from '#dist/importer/gate-limits.js';

/** 1,000 relations of 100 sources from 5,000 views before and after, of which 100 changed their weight. */
function night(change: {
  readonly before?: Partial<GateCase['before']>;
  readonly after?: Partial<GateCase['after']>;
  readonly changes?: Partial<GateCase['changes']>;
}): GateCase {
  const usual = { relations: 1000, sources: 100, views: 5000 };
  return {
    before: { ...usual, ...change.before },
    after: { ...usual, ...change.after },
    changes: { added: 0, changed: 100, removed: 0, unchanged: 900, ...change.changes },
  };
}

const judge = (given: GateCase, limits = defaultLimits): string[] => passGate(given, limits, undefined, String);

test('a usual night passes', () => {
  expect(judge(night({}))).toEqual([]);
});

test.each([
  ['no relations', { after: { relations: 0, sources: 0 } }, { after: { relations: 501 } }, 'no relations at all'],
  [
    'relations that shrink',
    { after: { relations: 499 } },
    { after: { relations: 500 } },
    'relations shrink by 50.1 %, from 1000 to 499 (--max-shrink is 50 %)',
  ],
  [
    'relations that grow',
    { after: { relations: 2001 } },
    { after: { relations: 2000 } },
    'relations grow from 1000 to 2001 (--max-growth is 2 times)',
  ],
  [
    'sources that shrink',
    { after: { sources: 49 } },
    { after: { sources: 50 } },
    'sources shrink by 51 %, from 100 to 49',
  ],
  ['sources that grow', { after: { sources: 201 } }, { after: { sources: 200 } }, 'sources grow from 100 to 201'],
  [
    'views that shrink',
    { after: { views: 2499 } },
    { after: { views: 2500 } },
    'views shrink by 50.02 %, from 5000 to 2499',
  ],
  ['views that grow', { after: { views: 10_001 } }, { after: { views: 10_000 } }, 'views grow from 5000 to 10001'],
  [
    'relations that change',
    { changes: { added: 100, changed: 301, removed: 100, unchanged: 499 } },
    { changes: { added: 100, changed: 300, removed: 100, unchanged: 500 } },
    '50.1 % of the relations change: 100 added, 301 changed, 100 removed, 499 as before (--max-churn is 50 %)',
  ],
])('%s over the limit are refused, and just under it pass', (_, over, under, message) => {
  expect(() => judge(night(over))).toThrow(
    expect.objectContaining({ kind: 'badData', message: expect.stringContaining(message) }),
  );
  expect(judge(night(under))).toEqual([]);
});

test.each([
  ['maxShrink', 0.7, { after: { relations: 300 } }, { after: { relations: 299 } }],
  ['maxGrowth', 1.15, { after: { sources: 115 } }, { after: { sources: 116 } }],
  ['maxGrowth', 1.1, { after: { sources: 110 } }, { after: { sources: 111 } }],
  ['maxChurn', 0.3, { changes: { changed: 300, unchanged: 700 } }, { changes: { changed: 301, unchanged: 699 } }],
] as const)('a night just at %s %d passes, and one past it does not', (limit, share, at, past) => {
  const limits = { ...defaultLimits, [limit]: share };
  expect(judge(night(at), limits)).toEqual([]);
  expect(() => judge(night(past), limits)).toThrow('Refused to publish');
});

test('each limit can be moved', () => {
  expect(judge(night({ after: { relations: 101 } }), { ...defaultLimits, maxShrink: 0.9 })).toEqual([]);
  expect(judge(night({ after: { relations: 5000 } }), { ...defaultLimits, maxGrowth: 5 })).toEqual([]);
  expect(judge(night({ changes: { changed: 1000, unchanged: 0 } }), { ...defaultLimits, maxChurn: 1 })).toEqual([]);
});

test('a refusal names all that is too much, and the override', () => {
  const refuse = (): unknown => judge(night({ after: { relations: 499, sources: 49 } }));
  expect(refuse).toThrow(/relations shrink.*; the sources shrink/);
  expect(refuse).toThrow(expect.objectContaining({ remedy: expect.stringContaining('--accept-changes') }));
});

test('counts are written as the caller writes them', () => {
  const grown = night({ after: { relations: 5000 }, changes: { changed: 3000 } });
  const reasons = passGate(grown, { ...defaultLimits, maxChurn: 0 }, 'more', (count) => `<${count}>`);
  expect(reasons).toEqual([
    expect.stringContaining('grow from <1000> to <5000>'),
    expect.stringContaining('<3000> changed'),
  ]);
});

test('accepted changes pass, and what was refused is told', () => {
  expect(passGate(night({ after: { sources: 49 } }), defaultLimits, 'spring clean', String)).toEqual([
    expect.stringContaining('sources shrink'),
  ]);
});

test('the first publication has nothing to be compared with', () => {
  const before = { relations: 0, sources: 0, views: undefined };
  expect(judge(night({ before, changes: { added: 1000, changed: 0, unchanged: 0 } }))).toEqual([]);
});

test('without known views, only relations and sources count', () => {
  expect(judge(night({ before: { views: undefined } }))).toEqual([]);
  expect(judge(night({ after: { views: undefined } }))).toEqual([]);
});

test('what another store published to is refused, also when it is empty by now', () => {
  const of = (before: string | undefined, after: string | undefined, relations = 1000): GateCase =>
    night({ before: { store: before, relations }, after: { store: after } });
  for (const relations of [1000, 0]) {
    expect(() => judge(of('uk', 'de', relations))).toThrow(
      'Refused to publish: store uk was the last to publish to this table, and this is store de',
    );
  }
  for (const [before, after] of [
    ['uk', 'uk'],
    ['uk', undefined],
    [undefined, 'de'],
  ]) {
    expect(judge(of(before, after))).toEqual([]);
  }
});
