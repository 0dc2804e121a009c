import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import type { Effects } from '#dist/effects.js';
import { writeFile } from '#dist/storage/output.js';
import { downloadPartBytes } from '#dist/storage/s3-download.js';
import { storageOf } from '#dist/storage/storage.js';
import { inFakeTime } from '../fake-time.ts';
import { badServer } from './bad-server.ts';
import { type Fault, faultyS3 } from './faulty-s3.ts';
import { ownBucket } from './own-bucket.ts';

const own = ownBucket();
const effects = defaultEffects();

/** Bytes that repeat only after 16 MiB and three: no part is like another, nor a part that was shifted. */
function content(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at + 4 <= length; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

const long = content(3 * downloadPartBytes + 12_345);

const location = (key: string): string => `s3://${own.bucket}/${key}`;

async function write(key: string, bytes: Uint8Array): Promise<void> {
  await writeFile(location(key), effects, (output) => output.write(bytes, 0));
}

async function read(key: string, by: Effects): Promise<Buffer> {
  return await buffer(await (await storageOf(location(key), by)).open(location(key)));
}

/** Effects whose way to the server has faults, and the requests that it saw. */
async function faulty(
  faultOf: (request: string, n: number) => Fault | undefined,
): Promise<{ effects: Effects; requests: readonly string[] }> {
  const { endpoint, requests } = await faultyS3(own.s3, faultOf);
  return { effects: defaultEffects({ s3: { endpoint, pathStyle: true } }), requests };
}

beforeAll(() => write('long', long));

const isPart = (request: string, part: number): boolean => request.includes(`bytes=${part * downloadPartBytes}-`);

test('an object of any size around the boundaries of parts is read as it was written', async () => {
  const nearBoundary = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -2, max: 2 }))
    .map(([parts, off]) => Math.max(0, parts * downloadPartBytes + off));
  await fc.assert(
    fc.asyncProperty(nearBoundary, async (length) => {
      const bytes = content(length);
      await write('any', bytes);
      expect((await read('any', effects)).equals(bytes)).toBe(true);
    }),
    { numRuns: 10 },
  );
});

test('an object no longer than a part takes one request, a longer one one more for each part', async () => {
  await write('short', content(downloadPartBytes));
  const way = await faulty(() => undefined);
  await read('short', way.effects);
  expect(way.requests).toEqual([`GET /${own.bucket}/short`]);
  await read('long', way.effects);
  expect(way.requests.slice(1)).toHaveLength(4);
});

test('objects that are read in turn, byte ranges of each as it comes, do not wait for each other', async () => {
  const readers = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const stream = await (await storageOf(location('long'), effects)).open(location('long'));
      return { chunks: stream[Symbol.asyncIterator](), hash: createHash('sha256') };
    }),
  );
  for (let open = readers.length; open > 0; ) {
    open = 0;
    for (const { chunks, hash } of readers) {
      const { done, value } = await chunks.next();
      if (!done) {
        hash.update(value);
        open++;
      }
    }
  }
  const expected = createHash('sha256').update(long).digest('hex');
  expect(readers.map(({ hash }) => hash.digest('hex'))).toEqual(readers.map(() => expected));
});

test('what is read ahead of a reader that stands still is bounded', async () => {
  await write('longer', content(9 * downloadPartBytes));
  const way = await faulty(() => undefined);
  const storage = await storageOf(location('longer'), way.effects);
  const streams = await Promise.all([1, 2, 3].map(() => storage.open(location('longer'))));
  for (const stream of streams) {
    await stream[Symbol.asyncIterator]().next();
  }
  // A whole read beside them, which goes on: none of their parts were asked for meanwhile, beyond the six of the job.
  await read('longer', way.effects);
  const ranged = way.requests.filter((request) => request.includes('bytes='));
  expect(ranged.length).toBe(6 + 8);
  for (const stream of streams) {
    stream.destroy();
  }
});

test('a reader that stops early gives its room to others', async () => {
  const storage = await storageOf(location('long'), effects);
  for (let n = 0; n < 10; n++) {
    const stream = await storage.open(location('long'));
    for await (const _ of stream) {
      break;
    }
  }
  const way = await faulty(() => undefined);
  expect((await read('long', way.effects)).equals(long)).toBe(true);
  expect((await read('long', effects)).equals(long)).toBe(true);
});

describe('on a bad network', () => {
  test.each<[string, (request: string, n: number) => Fault | undefined]>([
    ['the first answer is reset in the middle', (_, n) => (n === 1 ? { resetAfter: 1_000_000 } : undefined)],
    ['every part is reset once', (_, n) => (n <= 4 ? { resetAfter: 3_000_001 } : undefined)],
    ['a part ends too early as if it were whole', (_, n) => (n === 3 ? { endAfter: 77 } : undefined)],
    ['the server is overloaded', (_, n) => (n % 2 === 0 ? { error: { status: 503, code: 'SlowDown' } } : undefined)],
    [
      'the server fails inside',
      (_, n) => (n % 2 === 1 ? { error: { status: 500, code: 'InternalError' } } : undefined),
    ],
    ['answers are lost', (_, n) => (n % 3 === 1 ? { resetAnswer: true } : undefined)],
  ])('%s: the object is read whole', async (_, faultOf) => {
    const way = await faulty(faultOf);
    expect((await read('long', way.effects)).equals(long)).toBe(true);
    expect(way.requests.length).toBeGreaterThan(4);
  });

  test('a part of which nothing more comes is asked for again', async () => {
    let isSilent = false;
    const way = await faulty((request) => {
      const silent = isPart(request, 1) && !isSilent;
      isSilent ||= silent;
      return silent ? { silentAfter: 1_000 } : undefined;
    });
    const { outcome } = await inFakeTime(
      () => read('long', way.effects),
      () => isSilent && way.requests.length === 4,
    );
    expect(outcome).toMatchObject({ status: 'fulfilled' });
    expect(outcome.status === 'fulfilled' && outcome.value.equals(long)).toBe(true);
    expect(way.requests).toHaveLength(5);
  });

  test('a part is asked for again from the byte where it broke off', async () => {
    const way = await faulty((request) => (isPart(request, 1) ? { resetAfter: 1_000 } : undefined));
    expect((await read('long', way.effects)).equals(long)).toBe(true);
    const again = `bytes=${downloadPartBytes + 1_000}-${2 * downloadPartBytes - 1}`;
    expect(way.requests).toContain(`GET /${own.bucket}/long ${again}`);
  });

  test('a part that breaks off again and again is a failure', async () => {
    const way = await faulty((_, n) => (n > 1 ? { resetAfter: 10 } : undefined));
    await expect(read('long', way.effects)).rejects.toMatchObject({
      name: 'ExpectedFailure',
      kind: 'unavailable',
      message: expect.stringContaining(`Cannot read ${location('long')}: `),
      remedy: expect.stringContaining('network'),
    });
  });

  test('a server that stays overloaded is a failure that says so', async () => {
    const way = await faulty((_, n) => (n > 1 ? { error: { status: 503, code: 'SlowDown' } } : undefined));
    await expect(read('long', way.effects)).rejects.toMatchObject({
      kind: 'unavailable',
      message: `Cannot read ${location('long')}: SlowDown: so it is`,
    });
  });

  test('a server that does not know ranges is a failure, not a mixture', async () => {
    const endpoint = await badServer((_request, response) => {
      response.writeHead(200, { 'content-length': long.length, etag: '"1"' }).end(long);
    });
    await expect(read('long', defaultEffects({ s3: { endpoint, pathStyle: true } }))).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('the server sent the whole object'),
    });
  });
});

describe('an object that is not what was written', () => {
  test('replaced between two parts: a failure, not a mixture', async () => {
    await write('replaced', long);
    const other = Buffer.from(long).reverse();
    let replaced = false;
    const way = await faulty((request) => {
      if (!isPart(request, 1) || replaced) {
        return undefined;
      }
      replaced = true;
      return {
        before: () => own.client.send(new PutObjectCommand({ Bucket: own.bucket, Key: 'replaced', Body: other })),
      };
    });
    await expect(read('replaced', way.effects)).rejects.toMatchObject({
      kind: 'inputOutput',
      message: `Cannot read ${location('replaced')}: it was replaced while it was read`,
    });
  });

  test.each([
    ['short', content(1_000), 1],
    ['long', long, 2],
  ])('a bit that changed on the way, %s: a failure', async (key, bytes, request) => {
    await write(key, bytes);
    const way = await faulty((_, n) => (n === request ? { flipBitOf: 500 } : undefined));
    await expect(read(key, way.effects)).rejects.toMatchObject({
      kind: 'inputOutput',
      message: expect.stringContaining(`Cannot read ${location(key)}: `),
      remedy: expect.stringContaining('damaged'),
    });
  });

  test('a digest in its metadata that is not that of its bytes: a failure', async () => {
    const Metadata = { 'also-viewed-sha256': createHash('sha256').update('other').digest('hex') };
    await own.client.send(new PutObjectCommand({ Bucket: own.bucket, Key: 'wrong', Body: 'these', Metadata }));
    await expect(read('wrong', effects)).rejects.toMatchObject({
      kind: 'inputOutput',
      message: expect.stringContaining(`Cannot read ${location('wrong')}: the SHA-256 of what was read is `),
    });
  });
});
