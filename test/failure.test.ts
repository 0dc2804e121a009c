import { expect, test } from 'vitest';
import { ExpectedFailure, messageOf } from '#dist/failure.js';

test('a failure holds no password, whoever asks it for its texts', () => {
  const failure = new ExpectedFailure('usage', 'Cannot use mysql://u:pa55@h/d', {
    remedy: 'Write password=pa55 elsewhere.',
  });
  expect([failure.message, failure.remedy]).toEqual(['Cannot use mysql://u:***@h/d', 'Write password=*** elsewhere.']);
  expect(failure.stack).not.toContain('pa55');
  expect(messageOf(new Error('token: pa55'))).toBe('token: ***');
});
