import { readFileSync } from 'node:fs';
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { Interrupted } from '#dist/failure.js';
import { readBytes } from '#dist/storage/input.js';
import { writeFile } from '#dist/storage/output.js';
import { sizeOf } from '#dist/storage/s3-tree.js';
import { alsoViewed } from '../cli/also-viewed.ts';
import { inFakeTime } from '../fake-time.ts';
import { certificates } from '../mysql/certificates.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { badServer } from './bad-server.ts';
import { faultyS3 } from './faulty-s3.ts';
import { ownBucket } from './own-bucket.ts';

const own = ownBucket();
const { client, environment } = own;
const effects = defaultEffects();
let bucket: string;

beforeAll(() => {
  bucket = own.bucket;
});

async function read(location: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(location, effects)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function keys(): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

test('an object of several parts comes back as it was written, packed when its name ends in .gz', async () => {
  const content = Buffer.alloc(40_000_000, 'people also viewed\n');
  for (const name of ['large.txt', 'large.txt.gz']) {
    const location = `s3://${bucket}/parts/${name}`;
    await writeFile(location, effects, async (output) => {
      for (let at = 0; at < content.length; at += 1 << 20) {
        await output.write(content.subarray(at, at + (1 << 20)), 0);
      }
    });
    expect((await read(location)).equals(content)).toBe(true);
  }
});

test('an upload that fails in the middle leaves no object and no parts, though those under way take long to arrive', async () => {
  const failure = new Error('in the middle');
  let failed = false;
  let underWay = 0;
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const requests: string[] = [];
  const { endpoint } = await faultyS3(own.s3, (_request, _n, { method, url = '' }) => {
    if (!url.includes('partNumber=')) {
      requests.push(`${method}`);
      return undefined;
    }
    underWay++;
    return { before: () => arrived.then(() => requests.push('part')) };
  });
  const slow = defaultEffects({ s3: { endpoint, pathStyle: true } });
  const writing = (): Promise<unknown> =>
    writeFile(`s3://${bucket}/broken/a.txt`, slow, async (output) => {
      for (let part = 0; part < 40; part++) {
        await output.write(Buffer.alloc(1 << 20), 0);
      }
      failed = true;
      throw failure;
    });
  // Once for longer than a job that was told to stop would wait; and then as long as other requests take.
  let steps = 0;
  const { outcome } = await inFakeTime(writing, () => {
    steps += failed && underWay === 2 ? 1 : 0;
    if (steps === 2) {
      void keys().then(keys).then(arrive);
    }
    return steps === 1;
  });
  expect(outcome).toMatchObject({ status: 'rejected', reason: failure });
  expect(requests.filter((request) => request === 'part')).toHaveLength(2);
  expect(requests.indexOf('DELETE')).toBeGreaterThan(requests.lastIndexOf('part'));
  expect((await keys()).filter((key) => key.startsWith('broken/'))).toEqual([]);
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  expect(Uploads).toEqual([]);
});

test.each([
  [403, 'noPermission'],
  [503, 'unavailable'],
])('an answer to a HEAD, which has no body, is told by its status, %i', async (status, kind) => {
  const { endpoint } = await faultyS3(own.s3, () => ({ error: { status, code: 'Unseen' } }));
  await expect(sizeOf('s3://any/key', defaultEffects({ s3: { endpoint, pathStyle: true } }))).rejects.toMatchObject({
    kind,
    message: `Cannot read s3://any/key: the server answers with status ${status}`,
  });
});

describe('the command line', () => {
  test('relates a prefix of objects into an object', async () => {
    for (const [name, text] of [
      ['a.tsv', '1\ta\n2\ta\n'],
      ['b.tsv', '1\tb\n'],
    ] as const) {
      await writeFile(`s3://${bucket}/views/${name}`, effects, (output) => output.write(Buffer.from(text), 2));
    }
    const out = `s3://${bucket}/out/relations.tsv.gz`;
    const ended = await alsoViewed(['relate', `s3://${bucket}/views/`, '--out', out], { env: environment });
    expect(ended).toMatchObject({ code: 0 });
    expect((await read(out)).toString()).toBe('a\tb\t1\nb\ta\t1\n');
    const beside = await alsoViewed(['relate', `s3://${bucket}/out/`, '--out', `S3${out.slice(2)}`], {
      env: environment,
    });
    expect(beside).toMatchObject({ code: 64, stderr: expect.stringContaining(`Cannot read ${out} as views`) });
  });

  test('keeps runs under a prefix, and shows the newest', async () => {
    const run = [
      'run',
      '--source',
      `s3://${bucket}/views/`,
      '--target',
      `s3://${bucket}/published.tsv`,
      '--work',
      `s3://${bucket}/work`,
    ];
    expect(await alsoViewed(run, { env: environment })).toMatchObject({ code: 0 });
    expect(await alsoViewed(run, { env: environment })).toMatchObject({
      stderr: expect.stringContaining('Nothing changed'),
    });
    const { stdout } = await alsoViewed(['show', 'a', '--work', `s3://${bucket}/work`], { env: environment });
    expect(stdout).toBe('source\trank\ttarget\tname\tweight\tshare\na\t1\tb\t\t1\t0.5000\n');
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'published.tsv' }));
    expect(await Body?.transformToString()).toBe('a\tb\t1\nb\ta\t1\n');
  });

  test.each([
    ['a missing object', { path: 'nothing.tsv' }, {}, 66],
    ['an empty prefix', { path: 'nothing/' }, {}, 66],
    ['a missing bucket', { bucket: 'no-such-bucket-here', path: 'a.tsv' }, {}, 66],
    ['a wrong secret', { path: 'views/a.tsv' }, { AWS_SECRET_ACCESS_KEY: 'wrong' }, 77],
    ['a wrong key', { path: 'views/a.tsv' }, { AWS_ACCESS_KEY_ID: 'wrong' }, 77],
    ['an endpoint where nobody listens', { path: 'views/a.tsv' }, { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' }, 69],
    ['no region', { path: 'views/a.tsv' }, { AWS_REGION: undefined }, 78],
    ['no name of a region', { path: 'views/a.tsv' }, { AWS_REGION: 'bad region!' }, 78],
    ['a region that is none', { path: 'views/a.tsv' }, { AWS_REGION: '' }, 78],
  ])('%s: its exit code and no stack trace', async (_, place, env, code) => {
    const location = `s3://${'bucket' in place ? place.bucket : bucket}/${place.path}`;
    const ended = await alsoViewed(['relate', location], { env: { ...environment, AWS_MAX_ATTEMPTS: '1', ...env } });
    expect(ended.stderr).toContain(location);
    expect(ended.stderr).not.toMatch(/\n\s+at |Warning/);
    expect(ended.code).toBe(code);
  });

  test('output that cannot be created: 73', async () => {
    const ended = await alsoViewed(['relate', '-', '--out', 's3://no-such-bucket-here/r.tsv'], {
      stdin: '1\ta\n1\tb\n',
      env: environment,
    });
    expect(ended).toMatchObject({
      code: 73,
      stderr: expect.stringMatching(/there is no such bucket\n {2}Check its name, or create it\.$/m),
    });
  });

  test.each(['s3://bucket', 's3://bucket/', 's3://bucket/folder/'])('no object as output, %s: 64', async (out) => {
    const ended = await alsoViewed(['relate', '-', '--out', out], { stdin: '1\ta\n', env: environment });
    expect(ended).toMatchObject({ code: 64, stderr: expect.stringContaining('it names no object') });
  });

  test('a server whose certificate is not trusted: 77, unless its authority is named', async () => {
    const { ca, serverArguments } = await certificates(temporaryFolder());
    const [, cert = '', key = ''] = (await serverArguments('s3', 'IP:127.0.0.1')).map((each) => each.split('=')[1]);
    const endpoint = await badServer(
      (_, response) => response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>'),
      {
        cert: readFileSync(cert),
        key: readFileSync(key),
      },
    );
    const args = ['relate', 's3://bucket/key', '--s3-endpoint', endpoint];
    expect(await alsoViewed(args, { env: environment })).toMatchObject({
      code: 77,
      stderr: expect.stringMatching(/^Error: Cannot read s3:\/\/bucket\/key: .*certificate.*\n.*NODE_EXTRA_CA_CERTS/),
    });
    expect(await alsoViewed(args, { env: { ...environment, NODE_EXTRA_CA_CERTS: ca } })).toMatchObject({ code: 66 });
  });

  test('the scheme is S3 in any case', async () => {
    await writeFile(`S3://${bucket}/case/a.tsv`, effects, (output) => output.write(Buffer.from('1\ta\n1\tb\n'), 2));
    const ended = await alsoViewed(['relate', `S3://${bucket}/case/`], { env: environment });
    expect(ended).toMatchObject({ code: 0, stdout: 'a\tb\t1\nb\ta\t1\n' });
  });

  test('a missing object says how a prefix is written', async () => {
    const ended = await alsoViewed(['relate', `s3://${bucket}/views`], { env: environment });
    expect(ended).toMatchObject({ code: 66, stderr: expect.stringContaining('end it with "/"') });
  });

  test.each([
    ['', {}],
    [' with a checksum', { 'x-amz-checksum-crc32': 'AAAAAA==' }],
  ])('a body%s that breaks off: 69', async (_, headers) => {
    const endpoint = await badServer((_request, response) => {
      response.writeHead(200, { 'content-length': 1000, ...headers });
      response.write('1\ta\n', () => setTimeout(() => response.destroy(), 20));
    });
    const env = { ...environment, AWS_ENDPOINT_URL_S3: endpoint };
    const ended = await alsoViewed(['relate', 's3://bucket/views.tsv'], { env });
    expect(ended.stderr).toContain('Cannot read s3://bucket/views.tsv');
    expect(ended.code).toBe(69);
  });

  test('an old file of rejected rows that may not be removed is a warning', async () => {
    const endpoint = await badServer((request, response) => {
      request.resume().once('end', () => response.writeHead(request.method === 'DELETE' ? 403 : 200).end());
    });
    const ended = await alsoViewed(['relate', '-', '--out', 's3://bucket/r.tsv'], {
      stdin: '1\ta\n1\tb\n',
      env: { ...environment, AWS_ENDPOINT_URL_S3: endpoint },
    });
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('Warning') });
  });

  test('a server that never answers does not outlast SIGTERM', async () => {
    const endpoint = await badServer((request) => void request.resume());
    const begun = Date.now();
    const ended = await alsoViewed(['relate', 's3://bucket/views.tsv', '--verbose'], {
      env: { ...environment, AWS_ENDPOINT_URL_S3: endpoint },
      signal: { when: /Reading s3/, send: 'SIGTERM' },
    });
    expect(ended).toMatchObject({ code: 143 });
    expect(Date.now() - begun).toBeLessThan(4000);
  });

  test.each([
    ['from the beginning', () => true],
    ['behind the first answer', (url: string) => url.includes('partNumber')],
  ])('an upload that stalls %s does not outlast the signal', async (_, stalls) => {
    const stop = new AbortController();
    const reason = new Interrupted('SIGTERM');
    const endpoint = await badServer((request, response) => {
      request.resume();
      if (stalls(request.url ?? '')) {
        stop.abort(reason);
      } else if (request.method === 'POST') {
        response.end('<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>');
      }
    });
    Object.assign(process.env, { AWS_ENDPOINT_URL_S3: endpoint });
    onTestFinished(() => void Object.assign(process.env, environment));
    const begun = Date.now();
    const writing = writeFile('s3://bucket/a', defaultEffects({ signal: stop.signal }), async (output) => {
      for (;;) {
        await output.write(Buffer.alloc(1 << 20), 0);
      }
    });
    await expect(writing).rejects.toBe(reason);
    expect(Date.now() - begun).toBeLessThan(6000);
  });
});
