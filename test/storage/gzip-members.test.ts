import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { GzipMembers } from '#dist/storage/gzip-members.js';

test.each([1, 2])('with %i threads, a chunk that waits for others may be changed at once', async (threads) => {
  const sent: Uint8Array[] = [];
  const gzip = new GzipMembers(async (bytes) => void sent.push(bytes), threads);
  const memory = new Uint8Array(new SharedArrayBuffer(2 << 20));
  const written: Buffer[] = [];
  for (const [at, length] of [100, 1 << 19, 2 << 20, 100].entries()) {
    const chunk = memory.subarray(0, length).fill(at);
    written.push(Buffer.from(chunk));
    let changeable = false;
    let writing: Promise<void> | undefined;
    const packed = new Promise<void>((resolve) => {
      writing = gzip.write(chunk, () => {
        changeable = true;
        resolve();
      });
    });
    expect(changeable).toBe(length < 1 << 20);
    await Promise.all([writing, packed]);
  }
  await gzip.end();
  expect(gunzipSync(Buffer.concat(sent)).equals(Buffer.concat(written))).toBe(true);
  expect(gzip.sent).toHaveLength(2);
});
