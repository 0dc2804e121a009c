import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { readBytes } from '#dist/storage/input.js';
import { writeFile } from '#dist/storage/output.js';
import { inFolder } from '#dist/storage/storage.js';
import { temporaryFolder } from '../temporary-folder.ts';

const effects = defaultEffects();

async function read(location: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(location, effects)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

test('a file appears under its name when it is whole, and not before', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a.txt');
  writeFileSync(file, 'old');
  const { artefact } = await writeFile(file, effects, async (output) => {
    await output.write(Buffer.from('one\ntwo\n'), 2);
    expect(readFileSync(file, 'utf8')).toBe('old');
  });
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
  expect(artefact).toEqual({
    location: file,
    bytes: 8,
    lines: 2,
    sha256: 'c3f9c8c283a2b1f2f1896f27a01cbe3cddc0c9d93f752e4639035a0f5b36f6e8',
  });
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test('a failure in the middle leaves the old file and no other', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a.txt.gz');
  writeFileSync(file, 'old');
  const failure = new Error('in the middle');
  await expect(
    writeFile(file, effects, async (output) => {
      await output.write(Buffer.alloc(1 << 20), 0);
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a.txt.gz']);
});

test('a name that ends in .gz is packed and unpacked on the way; digest and size are those of the content', async () => {
  const folder = temporaryFolder();
  const content = Buffer.alloc(3_000_000, 'also viewed\n');
  const both = await Promise.all(
    ['a.txt', 'a.txt.gz'].map((name) =>
      writeFile(path.join(folder, name), effects, (output) => output.write(content, 250_000)),
    ),
  );
  const [plain, packed] = both.map(({ artefact: { location: _, ...figures } }) => figures);
  expect(packed).toEqual(plain);
  expect(gunzipSync(readFileSync(path.join(folder, 'a.txt.gz')))).toEqual(content);
  expect(await read(path.join(folder, 'a.txt.gz'))).toBe(content.toString());
});

test('a file of several gzip members is read to its end', async () => {
  const { gzipSync } = await import('node:zlib');
  const file = path.join(temporaryFolder(), 'a.gz');
  writeFileSync(file, Buffer.concat([gzipSync('one\n'), gzipSync(''), gzipSync('two\n')]));
  expect(await read(file)).toBe('one\ntwo\n');
});

test('names are joined to folders with one slash', () => {
  expect(inFolder('a/', 'b', 'c')).toBe('a/b/c');
  expect(inFolder('/', 'b')).toBe('/b');
  expect(inFolder('s3://bucket/', 'runs')).toBe('s3://bucket/runs');
  expect(inFolder('s3://bucket', 'runs')).toBe('s3://bucket/runs');
});
