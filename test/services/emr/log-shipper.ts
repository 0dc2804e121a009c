import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** `s3://bucket/key` */
export interface S3Place {
  readonly bucket: string;
  readonly key: string;
}

/** The place that an address of S3 names, or `undefined`. */
export function s3Place(address: string): S3Place | undefined {
  const [, bucket, key = ''] = /^s3[an]?:\/\/([^/]+)(?:\/(.*))?$/s.exec(address) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/**
 * Brings a cluster's log files to its log address, gzipped, some time after they were written and at the cluster's end. Without an address it
 * keeps them to itself, as the service does.
 */
export class LogShipper {
  readonly #s3: S3Client;
  readonly #root: S3Place | undefined;
  readonly #clusterId: string;
  readonly #waiting = new Map<() => Promise<void>, NodeJS.Timeout>();

  constructor(s3: S3Client, logUri: string | undefined, clusterId: string) {
    this.#s3 = s3;
    this.#root = logUri === undefined ? undefined : s3Place(logUri);
    this.#clusterId = clusterId;
  }

  /** The address of a log file, whose `name` begins with a slash, once it is there. */
  addressOf(name: string): string | undefined {
    return this.#root && `s3://${this.#root.bucket}/${this.#root.key}${this.#clusterId}${name}.gz`;
  }

  /** Ships all files in `folder`, and in its folders, as `prefix/NAME.gz` when `delayMs` have passed. */
  shipLater(folder: string, prefix: string, delayMs: number): void {
    const ship = async () => {
      this.#waiting.delete(ship);
      await this.#ship(folder, prefix);
    };
    // A bucket that is away or not the user's keeps its logs from the user, and does nothing else.
    this.#waiting.set(
      ship,
      setTimeout(() => void ship().catch(() => {}), delayMs),
    );
  }

  /** Ships what waits, at once. */
  async flush(): Promise<void> {
    const waiting = [...this.#waiting.keys()];
    this.drop();
    await Promise.allSettled(waiting.map((ship) => ship()));
  }

  drop(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }

  async #ship(folder: string, prefix: string): Promise<void> {
    if (this.#root === undefined) return;
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile() && !entry.name.endsWith('pid'))) {
      const from = path.join(file.parentPath, file.name);
      const name = `${this.#root.key}${this.#clusterId}${prefix}/${path.relative(folder, from)}.gz`;
      const Body = await promisify(gzip)(await readFile(from));
      await this.#s3.send(new PutObjectCommand({ Bucket: this.#root.bucket, Key: name, Body }));
    }
  }
}
