import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { collectGarbage } from '#dist/engine/local/collect-garbage.js';
import { withLimit } from '#dist/with-limit.js';

test('a limit comes although nothing else holds it, after garbage was collected too', async () => {
  const told = new AbortController();
  const aborted = once(withLimit(told.signal, 100), 'abort');
  // What was made in this turn of the event loop is not collected in it.
  await setImmediate();
  collectGarbage();
  await aborted;
  expect(told.signal.aborted).toBe(false);
});

test('the signal itself comes before its limit', () => {
  const told = new AbortController();
  const limited = withLimit(told.signal, 60_000);
  told.abort('enough');
  expect(limited.reason).toBe('enough');
});
