import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';

/**
 * What is kept with an object to compare what is read with what was written, both of the bytes as they are stored, so packed ones for `.gz`:
 * their SHA-256 in the metadata, under this name.
 *
 * The metadata of a multi-part upload is sent before its first byte, when no digest is known yet: it gets it by a copy onto itself once it is
 * complete (s3-copy.ts). Until then, and for good where that is refused or the job was killed in between, there is only the CRC-32 of the whole
 * object (`FULL_OBJECT`), which S3 keeps, and compares with ours when the upload is completed.
 */
const sha256Key = 'also-viewed-sha256';

/** The metadata of an object with this SHA-256, as lower-case hex. */
export function metadataOf(sha256: string): Record<string, string> {
  return { [sha256Key]: sha256 };
}

/** The SHA-256 in the metadata of an object, if this program wrote it there. */
export function sha256Of(metadata: Readonly<Record<string, string>> | undefined): string | undefined {
  return metadata?.[sha256Key];
}

/** A CRC-32 as S3 writes it: base64 of its four bytes, the highest first. */
export function base64OfCrc32(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}

/** Takes the bytes of an object in order; at the end it tells how their digest differs from the one that S3 keeps, if it does. */
export interface Digest {
  update(chunk: Uint8Array): void;
  mismatch(): string | undefined;
}

/** The digest to compare with; none when S3 keeps none of the whole object (that of parts is a digest of digests: `xxxx==-3`). */
export function digestOf({ Metadata, ChecksumCRC32 }: GetObjectCommandOutput): Digest | undefined {
  const sha256 = sha256Of(Metadata);
  if (sha256 !== undefined) {
    const hash = createHash('sha256');
    return {
      update: (chunk) => void hash.update(chunk),
      mismatch: () => difference('SHA-256', hash.digest('hex'), sha256),
    };
  }
  if (ChecksumCRC32 !== undefined && !ChecksumCRC32.includes('-')) {
    let crc = 0;
    return {
      update: (chunk) => {
        crc = crc32(chunk, crc);
      },
      mismatch: () => difference('CRC-32', base64OfCrc32(crc), ChecksumCRC32),
    };
  }
  return undefined;
}

function difference(name: string, read: string, kept: string): string | undefined {
  return read === kept ? undefined : `the ${name} of what was read is ${read}, that of what was written ${kept}`;
}
