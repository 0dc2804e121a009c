import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface ClearTextServer {
  readonly port: number;
  /** The user and the password of every connection, in their order. */
  readonly seen: readonly { readonly user: string; readonly password: string; readonly encrypted: boolean }[];
}

const capabilities = {
  // LONG_PASSWORD, CONNECT_WITH_DB, PROTOCOL_41, TRANSACTIONS, SECURE_CONNECTION, PLUGIN_AUTH
  plain: 0x0008_a209,
  tls: 0x0800,
};

/**
 * A server that asks for the password as it is (`mysql_clear_password`), as RDS does for a user with AWSAuthenticationPlugin, which no server
 * outside of Amazon has. It says OK to every password and every statement. Lives until the test ends.
 *
 * @param pem the server's key and certificate; without them it offers no TLS
 */
export async function clearTextServer(pem?: { readonly key: Buffer; readonly cert: Buffer }): Promise<ClearTextServer> {
  const seen: ClearTextServer['seen'][number][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    void serve(socket, pem, (user, password, encrypted) => seen.push({ user, password, encrypted })).catch(() =>
      socket.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, seen };
}

async function serve(
  socket: Socket,
  pem: { readonly key: Buffer; readonly cert: Buffer } | undefined,
  login: (user: string, password: string, encrypted: boolean) => void,
): Promise<void> {
  socket.write(packet(0, greeting(capabilities.plain | (pem === undefined ? 0 : capabilities.tls))));
  let stream: Duplex = socket;
  let answer = await read(stream);
  if (pem !== undefined && answer.body.length === 32) {
    stream = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(pem) }).on('error', () => {});
    answer = await read(stream);
  }
  // Capabilities, packet size, character set and 23 zeros come before the user's name.
  const user = answer.body.subarray(32, answer.body.indexOf(0, 32)).toString();
  stream.write(packet(answer.sequence + 1, Buffer.from('\xfemysql_clear_password\0', 'latin1')));
  const { body, sequence } = await read(stream);
  login(user, body.toString().replace(/\0$/, ''), stream !== socket);
  const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
  stream.write(packet(sequence + 1, ok));
  for (;;) {
    const command = await read(stream);
    if (command.body[0] === 1) {
      stream.end();
      return;
    }
    stream.write(packet(1, ok));
  }
}

function greeting(flags: number): Buffer {
  const low = Buffer.alloc(2);
  low.writeUInt16LE(flags & 0xffff);
  const high = Buffer.alloc(2);
  high.writeUInt16LE(flags >>> 16);
  return Buffer.concat([
    Buffer.from('\n8.0.35\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('12345678\0'),
    low,
    Buffer.from([255, 2, 0]),
    high,
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from('123456789012\0'),
    Buffer.from('mysql_native_password\0'),
  ]);
}

function packet(sequence: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([body.length, body.length >> 8, 0, sequence]), body]);
}

/** The next packet. No more bytes are taken than it has: those of TLS may come right behind it. */
async function read(stream: Duplex): Promise<{ body: Buffer; sequence: number }> {
  const head = await take(stream, 4);
  return { body: await take(stream, head.readUIntLE(0, 3)), sequence: head[3] ?? 0 };
}

async function take(stream: Duplex, bytes: number): Promise<Buffer> {
  for (;;) {
    const chunk: unknown = stream.read(bytes);
    if (chunk instanceof Buffer) {
      return chunk;
    }
    await once(stream, 'readable');
    if (stream.readableEnded) {
      throw new Error('The client went away');
    }
  }
}
