import { type ClientRequest, createServer, type IncomingMessage, request as send } from 'node:http';
import { onTestFinished } from 'vitest';
import type { S3Connection } from '../services/s3.ts';

/** What happens to one request or to its answer. */
export interface Fault {
  /** Is awaited before the request goes on. */
  readonly before?: () => Promise<unknown>;
  /** Is awaited before more than so many bytes of the request's body are taken. */
  readonly beforeTaking?: (bytes: number) => Promise<unknown>;
  /** The request goes nowhere; this error is the answer. */
  readonly error?: { readonly status: number; readonly code: string };
  /** The connection is reset without an answer, although the server did what was asked. */
  readonly resetAnswer?: boolean;
  /** The connection is reset behind so many bytes of the answer's body. */
  readonly resetAfter?: number;
  /** The answer's body ends behind so many bytes, as if it were whole. */
  readonly endAfter?: number;
  /** Behind so many bytes of the answer's body nothing more comes, and the connection stays. */
  readonly silentAfter?: number;
  /** One bit of the byte at this place of the answer's body is another one. */
  readonly flipBitOf?: number;
}

/** A way to the S3 server on which things go wrong until the test ends. */
export interface FaultyS3 {
  readonly endpoint: string;
  /** The requests so far, as `GET /bucket/key range`. */
  readonly requests: readonly string[];
}

/**
 * Puts itself between the S3 server and a client. Signatures stay right, since the name of the host that was signed goes on.
 *
 * @param faultOf chooses what happens to a request; `n` counts from 1
 */
export async function faultyS3(
  { endpoint }: S3Connection,
  faultOf: (request: string, n: number, message: IncomingMessage) => Fault | undefined,
): Promise<FaultyS3> {
  const requests: string[] = [];
  const proxy = createServer(async (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    requests.push(`${method} ${url?.split('?')[0]} ${headers.range ?? ''}`.trim());
    const fault = faultOf(requests.at(-1) ?? '', requests.length, incoming) ?? {};
    await fault.before?.();
    if (fault.error !== undefined) {
      incoming.resume();
      outgoing.writeHead(fault.error.status, { connection: 'close' });
      outgoing.end(`<Error><Code>${fault.error.code}</Code><Message>so it is</Message></Error>`);
      return;
    }
    const onward = send(`${endpoint}${url}`, { method, headers }, (answer) => {
      if (fault.resetAnswer) {
        answer.resume().once('end', () => outgoing.destroy());
        return;
      }
      const kept = { ...answer.headers };
      if (fault.endAfter !== undefined) {
        kept['content-length'] = String(fault.endAfter);
      }
      outgoing.writeHead(answer.statusCode ?? 500, kept);
      const limit = fault.resetAfter ?? fault.endAfter ?? fault.silentAfter ?? Number.POSITIVE_INFINITY;
      let sent = 0;
      if (limit === 0) {
        outgoing.flushHeaders();
      }
      answer.on('data', (chunk: Buffer) => {
        const place = (fault.flipBitOf ?? -1) - sent;
        if (place >= 0 && place < chunk.length) {
          chunk.writeUInt8(chunk.readUInt8(place) ^ 1, place);
        }
        const part = chunk.subarray(0, Math.max(0, limit - sent));
        sent += chunk.length;
        if (!outgoing.write(part)) {
          answer.pause();
          outgoing.once('drain', () => answer.resume());
        }
        if (sent >= limit) {
          answer.destroy();
          if (fault.silentAfter !== undefined) {
            return;
          }
          // What was written before must arrive: only then the connection goes.
          outgoing.write('', () => (fault.resetAfter === undefined ? outgoing.end() : outgoing.socket?.destroySoon()));
        }
      });
      answer.once('end', () => fault.silentAfter === undefined && outgoing.end()).on('error', () => {});
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.once('close', () => onward.destroy());
    if (fault.beforeTaking === undefined) {
      incoming.pipe(onward);
    } else {
      await take(incoming, onward, fault.beforeTaking).catch(() => onward.destroy());
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const address = proxy.address();
  return { endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, requests };
}

async function take(
  incoming: IncomingMessage,
  onward: ClientRequest,
  before: NonNullable<Fault['beforeTaking']>,
): Promise<void> {
  let taken = 0;
  for await (const chunk of incoming) {
    await before(taken);
    taken += chunk.length;
    onward.write(chunk);
  }
  onward.end();
}
