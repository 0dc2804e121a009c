import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { Place } from './s3-address.ts';
import { workMs } from './s3-silence.ts';

/** What S3 copies in one request, in bytes; of what is longer it copies parts of this size. 10,000 of them hold what an object may. */
const requestBytes = 2 ** 29;
const partsInFlight = 4;

/** An object as it was just written. */
export interface Written extends Place {
  readonly ETag: string;
  readonly bytes: number;
  /** The CRC-32 of the whole, as S3 writes it. */
  readonly crc32: string;
}

/**
 * Gives an object metadata, which S3 does only by copying it onto itself. A reader sees the object before or after it, of the same bytes but
 * with different ETags. What else the upload said of the object is what this one says, nothing; and what the bucket says holds for both.
 *
 * @throws S3ServiceException with the name PreconditionFailed when it is another object by now
 */
export async function setMetadata(
  client: S3Client,
  { Bucket, Key, ETag, bytes, crc32 }: Written,
  Metadata: Record<string, string>,
  abortSignal: AbortSignal,
  part = requestBytes,
): Promise<void> {
  const place = { Bucket, Key };
  const source = {
    CopySource: [Bucket, ...Key.split('/')].map(encodeURIComponent).join('/'),
    CopySourceIfMatch: ETag,
  };
  const options = { abortSignal, requestTimeout: workMs };
  if (bytes <= part) {
    const as = { Metadata, MetadataDirective: 'REPLACE', ChecksumAlgorithm: 'CRC32' } as const;
    await client.send(new CopyObjectCommand({ ...place, ...source, ...as }), options);
    return;
  }
  const as = { Metadata, ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...place, ...as }), options);
  try {
    const limit = pLimit(partsInFlight);
    const copyPart = async (at: number): Promise<CompletedPart> => {
      const PartNumber = at + 1;
      const CopySourceRange = `bytes=${at * part}-${Math.min((at + 1) * part, bytes) - 1}`;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({ ...place, ...source, UploadId, PartNumber, CopySourceRange }),
        options,
      );
      return { PartNumber, ETag: CopyPartResult?.ETag, ChecksumCRC32: CopyPartResult?.ChecksumCRC32 };
    };
    const Parts = await limit.map(Array.from({ length: Math.ceil(bytes / part) }).keys(), copyPart);
    const whole = { ChecksumCRC32: crc32, ChecksumType: 'FULL_OBJECT', IfMatch: ETag } as const;
    await client.send(
      new CompleteMultipartUploadCommand({ ...place, ...whole, UploadId, MultipartUpload: { Parts } }),
      options,
    );
  } catch (error) {
    // What is still copied fails, and what is left of it the next upload of this object removes (s3-abandoned.ts).
    await client
      .send(new AbortMultipartUploadCommand({ ...place, UploadId }), { requestTimeout: 1000 })
      .catch(() => {});
    throw error;
  }
}
