import { createHash, randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { type Effects, silentLog } from '#dist/effects.js';
import { readWhole } from '#dist/storage/input.js';
import { writeFile } from '#dist/storage/output.js';
import { setMetadata } from '#dist/storage/s3-copy.js';
import { base64OfCrc32 } from '#dist/storage/s3-digest.js';
import { storageOf } from '#dist/storage/storage.js';
import { alsoViewed, type Ended } from '../cli/also-viewed.ts';
import { inFakeTime } from '../fake-time.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { badServer } from './bad-server.ts';
import { type Fault, faultyS3 } from './faulty-s3.ts';
import { ownBucket } from './own-bucket.ts';

const own = ownBucket();
const effects = defaultEffects();
const large = Buffer.alloc(20 << 20, 'people also viewed\n');

const location = (key: string): string => `s3://${own.bucket}/${key}`;

async function write(key: string, bytes: Uint8Array, by: Effects = effects): Promise<void> {
  await writeFile(location(key), by, (output) => output.write(bytes, 0));
}

async function behind(faultOf: (request: string, n: number) => Fault | undefined): Promise<Effects> {
  const { endpoint } = await faultyS3(own.s3, faultOf);
  return defaultEffects({ s3: { endpoint, pathStyle: true } });
}

describe('the digest that is kept with an object', () => {
  test('sent in one request: the SHA-256 of its stored bytes, in its metadata', async () => {
    await write('small.gz', Buffer.from('people'));
    const stored = await buffer(await (await storageOf(location('small.gz'), effects)).open(location('small.gz')));
    const { Metadata } = await own.client.send(new HeadObjectCommand({ Bucket: own.bucket, Key: 'small.gz' }));
    expect(Metadata).toEqual({ 'also-viewed-sha256': createHash('sha256').update(stored).digest('hex') });
  });

  const sha256 = createHash('sha256').update(large).digest('hex');
  const copies = ({ headers }: IncomingMessage): boolean => headers['x-amz-copy-source'] !== undefined;

  /** Writes an object of several parts on a way where something happens to its copy: what is kept with it, and the warnings. */
  async function writeLarge(
    key: string,
    faultOf: (message: IncomingMessage) => Fault | undefined,
  ): Promise<{ head: HeadObjectCommandOutput; warned: string[] }> {
    const warned: string[] = [];
    const log = { ...silentLog, warn: (message: string) => void warned.push(message) };
    const { endpoint } = await faultyS3(own.s3, (_request, _n, message) => faultOf(message));
    await write(key, large, defaultEffects({ log, s3: { endpoint, pathStyle: true } }));
    return { head: await headOf(key), warned };
  }

  function headOf(Key: string): Promise<HeadObjectCommandOutput> {
    return own.client.send(new HeadObjectCommand({ Bucket: own.bucket, Key, ChecksumMode: 'ENABLED' }));
  }

  async function isReadBack(key: string): Promise<boolean> {
    return (await buffer(await (await storageOf(location(key), effects)).open(location(key)))).equals(large);
  }

  test('sent in several parts: likewise, whatever its name', async () => {
    const key = 'läßt sich/kopieren + 100%.tsv';
    const { head, warned } = await writeLarge(key, () => undefined);
    expect(head).toMatchObject({ Metadata: { 'also-viewed-sha256': sha256 }, ContentLength: large.length });
    expect(warned).toEqual([]);
    expect(await isReadBack(key)).toBe(true);
  });

  test('sent in several parts: likewise, when the answer to its copy is lost', async () => {
    let times = 0;
    const { head } = await writeLarge('copied-twice', (message) => ({ resetAnswer: copies(message) && ++times === 1 }));
    expect(times).toBe(2);
    expect(head.Metadata).toEqual({ 'also-viewed-sha256': sha256 });
  });

  test.each([
    [403, 'AccessDenied'],
    [501, 'NotImplemented'],
  ])('where copying is refused with %i, is the CRC-32 of the whole, which a warning says', async (status, code) => {
    const { head, warned } = await writeLarge(`refused-${status}`, (message) =>
      copies(message) ? { error: { status, code } } : undefined,
    );
    expect(warned).toEqual([expect.stringMatching(new RegExp(`only its CRC-32: .*: ${code}: so it is$`))]);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crc32(large));
    expect(head).toMatchObject({ Metadata: {}, ChecksumType: 'FULL_OBJECT', ChecksumCRC32: crc.toString('base64') });
    expect(await isReadBack(`refused-${status}`)).toBe(true);
  });

  test('is not put on an object that somebody else wrote meanwhile: a failure', async () => {
    const writing = writeLarge('shared', (message) =>
      copies(message) ? { before: () => write('shared', Buffer.from('another')) } : undefined,
    );
    await expect(writing).rejects.toMatchObject({
      kind: 'inputOutput',
      message: expect.stringContaining('somebody else wrote it'),
    });
    expect((await headOf('shared')).ContentLength).toBe('another'.length);
  });

  test('comes with a copy in parts where the object is too long for one request', async () => {
    await write('in-parts', large);
    const { ETag = '' } = await headOf('in-parts');
    const written = {
      Bucket: own.bucket,
      Key: 'in-parts',
      ETag,
      bytes: large.length,
      crc32: base64OfCrc32(crc32(large)),
    };
    const copy = (): Promise<void> => setMetadata(own.client, written, { note: 'copied' }, effects.signal, 8 << 20);
    await copy();
    expect((await headOf('in-parts')).Metadata).toEqual({ note: 'copied' });
    expect(await isReadBack('in-parts')).toBe(true);
    await expect(copy()).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const { Uploads = [] } = await own.client.send(new ListMultipartUploadsCommand({ Bucket: own.bucket }));
    expect(Uploads).toEqual([]);
  });
});

test('an upload survives a server that fails and answers that are lost', async () => {
  const seen = new Map<string, number>();
  const { endpoint } = await faultyS3(own.s3, (_request, _n, { method, url = '' }) => {
    const what = `${method} ${url}`;
    const times = (seen.get(what) ?? 0) + 1;
    seen.set(what, times);
    const isPart = url.includes('partNumber=');
    return times === 1 ? { error: { status: 503, code: 'SlowDown' } } : { resetAnswer: isPart && times === 2 };
  });
  const flaky = defaultEffects({ s3: { endpoint, pathStyle: true } });
  await write('flaky', large, flaky);
  const stored = await buffer(await (await storageOf(location('flaky'), effects)).open(location('flaky')));
  expect(stored.equals(large)).toBe(true);
});

test('a server that never says that it has put the parts together is asked once, and given up within minutes', async () => {
  const asked: string[] = [];
  const { endpoint, requests } = await faultyS3(own.s3, (request) =>
    request.startsWith('POST') && asked.push(request) > 1 ? { before: () => new Promise(() => {}) } : undefined,
  );
  const to = defaultEffects({ s3: { endpoint, pathStyle: true } });
  const pace = { stepMs: 4000, realMs: 10 };
  // Until the parts are removed.
  const waits = (): boolean => asked.length > 1 && !requests.some((request) => request.startsWith('DELETE'));
  const { outcome, seconds } = await inFakeTime(() => write('silent', large, to), waits, pace);
  expect(outcome).toMatchObject({
    status: 'rejected',
    reason: { kind: 'unavailable', message: `Cannot write ${location('silent')}: the server does not answer` },
  });
  expect(seconds).toBeGreaterThan(200);
  expect(seconds).toBeLessThan(300);
  expect(asked).toHaveLength(2);
});

describe('an upload to a server that takes no more of it', () => {
  /** More than lies on the way to a server, and no more than a part. */
  const content = large.subarray(0, 15 << 20);

  /** Time in which what the server has taken makes room for more. */
  const pace = { stepMs: 4000, realMs: 20 };

  /** Uploads it, in fake time while `waits`. */
  async function upload(key: string, beforeTaking: NonNullable<Fault['beforeTaking']>, waits: () => boolean) {
    const { endpoint, requests } = await faultyS3(own.s3, () => ({ beforeTaking }));
    const to = defaultEffects({ s3: { endpoint, pathStyle: true } });
    return { ...(await inFakeTime(() => write(key, content, to), waits, pace)), requests: requests.length };
  }

  test('fails within minutes', async () => {
    let waits = false;
    const beforeTaking = (bytes: number): Promise<void> =>
      new Promise((resolve) => {
        waits ||= bytes > 1 << 20;
        waits || resolve();
      });
    const { outcome, seconds, requests } = await upload('stuck', beforeTaking, () => waits);
    expect(outcome).toMatchObject({
      status: 'rejected',
      reason: {
        kind: 'unavailable',
        message: `Cannot write ${location('stuck')}: the server took nothing more for 60 s`,
      },
    });
    expect(seconds).toBeLessThan(300);
    expect(requests).toBe(3);
  });

  test('for less than a minute waits for it, however often', async () => {
    let waits = false;
    let next = 0;
    const beforeTaking = async (bytes: number): Promise<void> => {
      if (bytes >= next) {
        next += 2 << 20;
        waits = bytes <= 3 << 20;
        await (waits && new Promise((resolve) => setTimeout(resolve, 50_000)));
        waits = false;
      }
    };
    const { outcome, seconds, requests } = await upload('slow', beforeTaking, () => waits);
    expect(outcome).toMatchObject({ status: 'fulfilled' });
    expect(seconds).toBeGreaterThan(75);
    expect(requests).toBe(1);
  });
});

describe('a write unless there is one', () => {
  const places: [string, () => string][] = [
    ['of an object', () => location(`once/${Math.random()}`)],
    ['of a file', () => `${temporaryFolder()}/once`],
  ];

  test.each(places)('%s: the first one stays', async (_, place) => {
    const once = place();
    const storage = await storageOf(once, effects);
    expect(await storage.writeIfAbsent(once, Buffer.from('first'))).toBe(true);
    expect(await storage.writeIfAbsent(once, Buffer.from('second'))).toBe(false);
    expect((await buffer(await storage.open(once))).toString()).toBe('first');
  });

  test.each(places)('%s: of many at once one succeeds', async (_, place) => {
    const once = place();
    // All listen to one signal.
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const storage = await storageOf(once, defaultEffects({ signal }));
    const all = await Promise.all(
      Array.from({ length: 20 }, (__, n) => storage.writeIfAbsent(once, Buffer.from(`${n}`))),
    );
    expect(all.filter((written) => written)).toHaveLength(1);
    expect((await buffer(await storage.open(once))).toString()).toBe(`${all.indexOf(true)}`);
  });

  test('nothing is left beside a file', async () => {
    const folder = temporaryFolder();
    const storage = await storageOf(folder, effects);
    await storage.writeIfAbsent(`${folder}/once`, Buffer.from('first'));
    await storage.writeIfAbsent(`${folder}/once`, Buffer.from('second'));
    const { readdirSync } = await import('node:fs');
    expect(readdirSync(folder)).toEqual(['once']);
  });

  test('tried again when another write was under way', async () => {
    const conflict = { status: 409, code: 'ConditionalRequestConflict' };
    const by = await behind((_, n) => (n <= 3 ? { error: conflict } : undefined));
    const storage = await storageOf(location('conflict'), by);
    expect(await storage.writeIfAbsent(location('conflict'), Buffer.from('a'))).toBe(true);
  });

  test('ours when only its answer was lost', async () => {
    const by = await behind((_, n) => (n === 1 ? { resetAnswer: true } : undefined));
    const storage = await storageOf(location('lost'), by);
    expect(await storage.writeIfAbsent(location('lost'), Buffer.from('ours'))).toBe(true);
  });

  test('of an object in a bucket that is missing: a failure', async () => {
    const once = 's3://no-such-bucket-here/once';
    const storage = await storageOf(once, effects);
    await expect(storage.writeIfAbsent(once, Buffer.from('a'))).rejects.toMatchObject({ kind: 'cannotCreate' });
  });
});

describe('uploads that killed jobs left', () => {
  const inTwoHours = (): Date => new Date(Date.now() + 7_200_000);

  async function beginUpload(Key: string): Promise<void> {
    const { UploadId } = await own.client.send(new CreateMultipartUploadCommand({ Bucket: own.bucket, Key }));
    const part = { Bucket: own.bucket, Key, UploadId, PartNumber: 1, Body: 'a part' };
    await own.client.send(new UploadPartCommand(part));
  }

  async function uploads(Prefix: string): Promise<string[]> {
    const { Uploads = [] } = await own.client.send(new ListMultipartUploadsCommand({ Bucket: own.bucket, Prefix }));
    return Uploads.map(({ Key = '' }) => Key);
  }

  test('of the same object are gone once it is written anew, those of others stay', async () => {
    await beginUpload('out/relations.tsv');
    await beginUpload('out/relations.tsv.old');
    await write('out/relations.tsv', large, defaultEffects({ now: inTwoHours }));
    expect(await uploads('out/')).toEqual(['out/relations.tsv.old']);
  });

  /** Who says what when jobs that are known to be dead, or not, are tidied up after. */
  async function removeUnfinished(folder: string, alone: boolean, given: Partial<Effects> = {}): Promise<string[]> {
    const said: string[] = [];
    const say = (message: string): void => void said.push(message);
    const by = defaultEffects({ ...given, log: { ...silentLog, info: say, warn: say } });
    await (await storageOf(location(folder), by)).removeUnfinished(location(folder), alone);
    return said;
  }

  test('are gone at once where no other job writes, those outside the folder stay', async () => {
    await beginUpload('work/runs/1/views.tsv.gz');
    await beginUpload('work/runs/1/relations.tsv.gz');
    await beginUpload('work/runs-other');
    const storage = await storageOf(location('work/runs'), defaultEffects());
    expect((await storage.listUnfinished(location('work/runs'))).sort()).toEqual([
      location('work/runs/1/relations.tsv.gz'),
      location('work/runs/1/views.tsv.gz'),
    ]);
    expect(await removeUnfinished('work/runs', true)).toContain(
      `Removed the unfinished upload that a killed job left of ${location('work/runs/1/views.tsv.gz')}`,
    );
    expect(await uploads('work/')).toEqual(['work/runs-other']);
  });

  test('where others write, are gone after an hour without a part: somebody may go on with them', async () => {
    await beginUpload('live/runs/1/views.tsv.gz');
    await removeUnfinished('live/runs', false);
    expect(await uploads('live/')).toEqual(['live/runs/1/views.tsv.gz']);
    await removeUnfinished('live/runs', false, { now: inTwoHours });
    expect(await uploads('live/')).toEqual([]);
  });

  test('that may not be looked for are a warning', async () => {
    const { endpoint } = await faultyS3(own.s3, () => ({ error: { status: 403, code: 'AccessDenied' } }));
    expect(await removeUnfinished('denied/runs', true, { s3: { endpoint, pathStyle: true } })).toEqual([
      `Could not remove what killed jobs may have left under ${location('denied/runs/')}: so it is`,
    ]);
  });

  test('in the middle of a run are gone once the next run begins', async () => {
    const work = location('killed/work');
    const cwd = temporaryFolder();
    const views = `${cwd}/views.tsv`;
    // More than a part even when it is packed.
    const random = randomBytes(20 << 20).toString('hex');
    writeFileSync(
      views,
      Array.from({ length: random.length / 64 }, (_, n) => `${n}\t${random.slice(n * 64, n * 64 + 64)}\n`).join(''),
    );
    const run = (endpoint: string): Promise<Ended> =>
      alsoViewed(
        ['run', '--source', 'views.tsv', '--target', 'target.tsv', '--work', work, '--s3-endpoint', endpoint],
        {
          cwd,
          env: own.environment,
        },
      );
    let stall = (): void => {};
    const stalled = new Promise<void>((resolve) => {
      stall = resolve;
    });
    const { endpoint } = await faultyS3(own.s3, (_request, _n, { url = '' }) =>
      url.includes('partNumber=')
        ? {
            before: () => {
              stall();
              return new Promise(() => {});
            },
          }
        : undefined,
    );
    const killed = run(endpoint);
    await stalled;
    const lock = await readWhole(`${work}/lock.json`, effects);
    process.kill(JSON.parse(lock.toString()).pid, 'SIGKILL');
    expect(await killed).toMatchObject({ code: null });
    expect(await uploads('killed/')).toEqual([expect.stringMatching(/^killed\/work\/runs\/.*\/views\.tsv\.gz$/)]);
    writeFileSync(views, '1\ta\n1\tb\n');
    expect(await run(own.s3.endpoint)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Removed the unfinished upload that a killed job left of'),
    });
    expect(await uploads('killed/')).toEqual([]);
  });
});

describe('the server', () => {
  const { AWS_ENDPOINT_URL_S3: _, ...credentials } = own.environment;

  test.each([
    ['options', () => ['--s3-endpoint', own.s3.endpoint, '--s3-path-style'], () => ({})],
    [
      'the environment',
      () => [],
      () => ({ ALSO_VIEWED_S3_ENDPOINT: own.s3.endpoint, ALSO_VIEWED_S3_PATH_STYLE: 'true' }),
    ],
  ])('is named by %s', async (__, options, env) => {
    await write('named/views.tsv', Buffer.from('1\ta\n1\tb\n'));
    const ended = await alsoViewed(['relate', location('named/views.tsv'), ...options()], {
      env: { ...credentials, ...env() },
    });
    expect(ended).toMatchObject({ code: 0, stdout: 'a\tb\t1\nb\ta\t1\n' });
  });

  test('is named by the configuration file', async () => {
    await write('named/views.tsv', Buffer.from('1\ta\n1\tb\n'));
    const config = `${temporaryFolder()}/also-viewed.yml`;
    await writeFile(config, effects, (output) =>
      output.write(Buffer.from(`s3:\n  endpoint: ${own.s3.endpoint}\n  path-style: true\n`), 3),
    );
    const ended = await alsoViewed(['relate', location('named/views.tsv'), '--config', config], { env: credentials });
    expect(ended).toMatchObject({ code: 0, stdout: 'a\tb\t1\nb\ta\t1\n' });
  });

  test('is asked with the bucket in the path, when that is wanted', async () => {
    const asked: string[] = [];
    const endpoint = await badServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    });
    // By a name: with an address of numbers the SDK takes the path anyway.
    const named = endpoint.replace('127.0.0.1', 'localhost');
    const args = ['relate', 's3://bucket/key', '--s3-endpoint', named, '--s3-path-style'];
    expect(await alsoViewed(args, { env: credentials })).toMatchObject({ code: 66 });
    expect(asked).toEqual([expect.stringMatching(/^\/bucket\/key/)]);
  });

  test('must be a URL: 64', async () => {
    const ended = await alsoViewed(['relate', 's3://bucket/key', '--s3-endpoint', 'somewhere'], { env: credentials });
    expect(ended).toMatchObject({ code: 64, stderr: expect.stringContaining('begins with http:// or https://') });
  });
});
