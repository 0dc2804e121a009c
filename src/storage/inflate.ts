import { finished, PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { firstMember, lastMember } from './gzip-members.ts';

/**
 * The content of gzip data, of all members; zeros may stand behind them. It is inflated in a thread of Node.js, beside whoever reads it.
 *
 * @param told the bytes of each part of the data that is inflated next
 */
export function inflate(stored: Readable, told: (bytes: number) => void): Readable {
  // Each chunk is waited for, so that `wholeFile` sees what of it was taken.
  const options = { chunkSize: 1 << 18, writableHighWaterMark: 1 };
  const gunzip = createGunzip(options);
  // zlib says at the first zero behind a member that all is inflated; it ends here when what follows was looked at, too.
  const content = new PassThrough({ flush: (done) => void finished(gunzip, { readable: false }, done) });
  // A failure of any of them ends the others with it.
  pipeline(
    stored,
    (chunks: AsyncIterable<Buffer>) => wholeFile(chunks, gunzip, told),
    gunzip,
    content,
    () => {},
  );
  return content;
}

/**
 * Passes a gzip file on and fails behind it when it was written in members by this program and the last one is not there, and when anything
 * follows the zeros behind a member, which zlib would leave out without a word.
 */
async function* wholeFile(
  chunks: AsyncIterable<Buffer>,
  gunzip: Gunzip,
  told: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let passed = 0;
  for await (const chunk of chunks) {
    if (head.length < firstMember.length) {
      head = Buffer.concat([head, chunk.subarray(0, firstMember.length)]).subarray(0, firstMember.length);
    }
    tail = Buffer.concat([tail, chunk.subarray(-lastMember.length)]).subarray(-lastMember.length);
    told(chunk.length);
    const ended = passed > gunzip.bytesWritten;
    passed += chunk.length;
    if (!ended) {
      yield chunk;
    }
    const left = Math.min(passed - gunzip.bytesWritten, chunk.length);
    if (chunk.subarray(chunk.length - left).some((byte) => byte !== 0)) {
      // As zlib says it of anything else behind a member.
      throw Object.assign(new Error('data behind zeros'), { code: 'Z_DATA_ERROR' });
    }
  }
  if (head.equals(firstMember) && !tail.equals(lastMember)) {
    // As zlib says it where it can see it.
    throw Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' });
  }
}
