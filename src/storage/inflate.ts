import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { firstMember, lastMember } from './gzip-members.ts';

/**
 * The content of gzip data, of all members. It is inflated in a thread of Node.js, beside whoever reads it.
 *
 * @param told the bytes of each part of the data that is inflated next
 */
export function inflate(stored: Readable, told: (bytes: number) => void): Readable {
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  // A failure of either side ends the other with it.
  pipeline(
    stored,
    (chunks: AsyncIterable<Buffer>) => wholeFile(chunks, told),
    gunzip,
    () => {},
  );
  return gunzip;
}

/** Passes a gzip file on and fails behind it when it was written in members by this program and the last one is not there. */
async function* wholeFile(chunks: AsyncIterable<Buffer>, told: (bytes: number) => void): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head.length < firstMember.length) {
      head = Buffer.concat([head, chunk.subarray(0, firstMember.length)]).subarray(0, firstMember.length);
    }
    tail = Buffer.concat([tail, chunk.subarray(-lastMember.length)]).subarray(-lastMember.length);
    told(chunk.length);
    yield chunk;
  }
  if (head.equals(firstMember) && !tail.equals(lastMember)) {
    // As zlib says it where it can see it.
    throw Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' });
  }
}
