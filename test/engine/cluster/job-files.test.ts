import { expect, test } from 'vitest';
import { targetsFile } from '#dist/engine/cluster/job-files.js';

test('an id of the catalogue is a line of the file of targets, and one that no product can have is none', () => {
  const ids = ['a', 'b\\c', 'd\ne', 'f\r', 'g\th', '', 'NULL', 'x'.repeat(256), ' é'];
  expect(targetsFile.content(ids)).toBe('a\nb\\\\c\n é\n');
});
