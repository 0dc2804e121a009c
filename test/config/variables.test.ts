import { expect, test } from 'vitest';
import { settingEntries, variableOf } from '#dist/config/settings.js';
import { checkVariables } from '#dist/config/variables.js';

test('what a setting is read from, passwords, and what others set for their own ends is nothing to speak of', () => {
  const read = settingEntries.flatMap(([name, { upTo }]) =>
    upTo === undefined || upTo === 'environment' ? [variableOf(name)] : [],
  );
  const others = [
    ...['SOURCE_PASSWORD', 'TARGET_PASSWORD_FILE', 'UK_TARGET_PASSWORD', 'SHOP_2_SOURCE_PASSWORD_FILE'],
    ...['LOG', 'CACHE', 'MESSAGE', 'REMEDY', 'EXIT_CODE', 'STAGE', 'RUN_ID'],
    ...['PORT', 'PORT_80_TCP_ADDR', 'SERVICE_HOST', 'SERVICE_PORT_HTTP'],
  ].map((name) => `ALSO_VIEWED_${name}`);
  const env = Object.fromEntries([...read, ...others, 'PATH', 'also_viewed_top'].map((name) => [name, 'x']));
  expect(checkVariables(env)).toEqual([]);
});

test.each([
  ['MIN_WIEGHT', 'it is not a known setting', 'Did you mean ALSO_VIEWED_MIN_WEIGHT?'],
  ['SOURCE_PASWORD', 'it is not a known setting', 'Did you mean ALSO_VIEWED_SOURCE_PASSWORD?'],
  ['ENGIN', 'it is not a known setting', 'Did you mean ALSO_VIEWED_ENGINE?'],
  ['DRY_RUN', 'no variable sets that', 'the flag of its name'],
  ['ALL', 'no variable sets that', 'the flag of its name'],
  ['SOURCE_HOST', 'no variable sets that', 'a mapping in the configuration file'],
])('ALSO_VIEWED_%s, which would do nothing, is refused', (name, message, remedy) => {
  expect(() => checkVariables({ [`ALSO_VIEWED_${name}`]: 'MARK' })).toThrow(
    expect.objectContaining({
      kind: 'configuration',
      message: `Cannot use ALSO_VIEWED_${name}: ${message}`,
      remedy: expect.stringContaining(remedy),
    }),
  );
});

test.each([
  ['IMAGE_TAG', 'ALSO_VIEWED_IMAGE_TAG does nothing: it is not a known setting'],
  ['TAG', 'ALSO_VIEWED_TAG does nothing: it is not a known setting. Did you mean ALSO_VIEWED_TOP?'],
  ['MINIMUM_WEIGHT', 'Did you mean ALSO_VIEWED_MIN_WEIGHT?'],
])('of ALSO_VIEWED_%s, which may be for something else, is warned', (name, told) => {
  expect(checkVariables({ [`ALSO_VIEWED_${name}`]: 'MARK' })).toEqual([expect.stringContaining(told)]);
});
