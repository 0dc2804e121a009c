import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EMRClient } from '@aws-sdk/client-emr';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { type Effects, type Related, type RelateOptions, relate, silentLog } from 'also-viewed';
import { afterAll, beforeAll, expect, inject, vi } from 'vitest';
import { createBucket } from '../../services/create-bucket.ts';
import type { EmrStandIn } from '../../services/emr/emr.ts';
import { emrForThisFile } from '../../services/emr/emr-fixture.ts';
import { s3Client } from '../../services/s3-client.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const s3 = inject('s3');

/** What a job on the stand-in ended with. */
export interface OnEmr extends Related {
  readonly text: string;
}

/** A stand-in for EMR and a bucket, for all tests of a file, and what is done with them. */
export interface EmrShop {
  readonly emr: EmrStandIn;
  readonly client: EMRClient;
  readonly bucket: string;
  /** For a command in a process of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** What the job said, newest last; emptied by `relate`. */
  readonly said: string[];
  readonly relate: (views: string, options?: RelateOptions, effects?: Partial<Effects>) => Promise<OnEmr>;
  /** Keys in the bucket. */
  readonly keys: (prefix?: string) => Promise<string[]>;
  /** Asserts that nothing is left running, and no cluster was left to its idle timeout. */
  readonly expectAllEnded: () => void;
}

export function emrShop(): EmrShop {
  const fixture = emrForThisFile();
  const said: string[] = [];
  let bucket = '';
  const env = (): Record<string, string> => ({
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_REGION: s3.region,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_EMR: fixture.emr.endpoint,
    ALSO_VIEWED_EMR_LOG_URI: `s3://${bucket}/logs/`,
    ALSO_VIEWED_EMR_POLL_INTERVAL: '0.1',
    ALSO_VIEWED_ENGINE: 'emr',
  });
  beforeAll(async () => {
    bucket = await createBucket(s3);
    for (const [name, value] of Object.entries(env())) {
      vi.stubEnv(name, value);
    }
  });
  afterAll(() => void vi.unstubAllEnvs());
  const say = (message: string): void => {
    said.push(message);
  };
  return {
    get emr() {
      return fixture.emr;
    },
    get client() {
      return fixture.client;
    },
    get bucket() {
      return bucket;
    },
    get env() {
      return env();
    },
    said,
    async relate(views, options = {}, effects = {}) {
      said.length = 0;
      const out = path.join(temporaryFolder(), 'relations.tsv');
      const related = await relate(
        views,
        { engine: 'emr', emrLogUri: `s3://${bucket}/logs/`, emrPollInterval: 0.1, out, ...options },
        { log: { ...silentLog, info: say, warn: say, error: say }, ...effects },
      );
      return { ...related, text: readFileSync(out, 'utf8') };
    },
    async keys(prefix = '') {
      const client = s3Client(s3);
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      client.destroy();
      return Contents.map(({ Key = '' }) => Key);
    },
    expectAllEnded() {
      const left = fixture.emr.clusters.filter(({ state }) => !/^TERMINAT/.test(state));
      // So that a test that fails does not fail the next one.
      for (const cluster of left) {
        cluster.terminate({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
      }
      expect(left.map(({ id }) => id)).toEqual([]);
    },
  };
}
