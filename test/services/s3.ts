import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { freePort } from './free-port.ts';
import { ownFolder } from './own-folder.ts';
import { type ProcessServer, startServer } from './process.ts';
import { secretMark } from './secret-mark.ts';

/** What a client needs to know. It finds no bucket: see create-bucket.ts. */
export interface S3Connection {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export interface S3Server extends S3Connection, ProcessServer {}

/** Starts a private S3 server (S3Proxy on a folder). It checks keys, signatures and digests; it does not check the region. */
export async function startS3(): Promise<S3Server> {
  // Keep in step with scripts/install-s3.sh.
  const jar = join(cacheFolder(), 's3proxy-4.1.0.jar');
  if (!existsSync(jar)) throw new Error(`Cannot start S3Proxy: run scripts/install-s3.sh first (no ${jar})`);

  const folder = await ownFolder(tmpdir(), 'also-viewed-s3');
  const connection: S3Connection = {
    endpoint: `http://127.0.0.1:${await freePort()}`,
    region: 'us-east-1',
    accessKeyId: 'also-viewed',
    secretAccessKey: secretMark + randomBytes(12).toString('hex'),
  };
  const baseFolder = join(folder, 'data');
  await mkdir(baseFolder);
  const properties = join(folder, 's3proxy.properties');
  await writeFile(
    properties,
    `s3proxy.endpoint=${connection.endpoint}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity=${connection.accessKeyId}
s3proxy.credential=${connection.secretAccessKey}
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir=${baseFolder}
`,
  );

  const server = await startServer({
    name: 'S3Proxy',
    command: 'java',
    folder,
    // The quick compiler alone and the plain collector: it starts sooner, and tests end before the better code would pay.
    args: ['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', jar, '--properties', properties],
    async answers() {
      // 403 to a stranger is an answer.
      await fetch(connection.endpoint, { signal: AbortSignal.timeout(1_000) });
    },
  });
  return { ...connection, ...server };
}
