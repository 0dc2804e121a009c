import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A connection that goes through the proxy. */
export interface Session {
  /** What the server calls it: `KILL id`. */
  readonly id: number;
  /** Runs a statement of the proxy's own in it, which the client does not notice. @returns the answer as it stands in the protocol */
  ask(sql: string): Promise<string>;
  /** Breaks the connection on both sides, without a goodbye. */
  cut(): void;
}

/**
 * A way to a server of this machine, until the test ends, on which every statement is shown to `before` ahead of the server. The statement
 * goes on when `before` is done, and with it whatever the client sends later. What is no statement, such as a piece of the rows of LOAD DATA,
 * is shown as an empty one.
 *
 * Statements are those of `query()`, and a client that waits for each answer: a command then begins where a chunk begins (a header of 4
 * bytes, of which the last is 0, then 3 for a query, and for MySQL two bytes that say that no attributes follow).
 *
 * @returns its port
 */
export async function statementProxy(
  serverPort: number,
  before: (sql: string, session: Session) => Promise<void> | void,
): Promise<number> {
  const sockets = new Set<Socket>();
  const serve = async (client: Socket): Promise<void> => {
    const server = connect(serverPort, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    server.on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    let id = 0;
    let command = '';
    let answer: ((text: string) => void) | undefined;
    server.on('data', (chunk) => {
      // The greeting: header, version of the protocol, version of the server, the connection's number.
      id ||= chunk.readUInt32LE(chunk.indexOf(0, 5) + 1);
      if (answer === undefined) {
        client.write(chunk);
      } else {
        answer(chunk.toString('latin1'));
        answer = undefined;
      }
    });
    const ask = async (sql: string): Promise<string> => {
      const answered = new Promise<string>((resolve) => {
        answer = resolve;
      });
      const packet = Buffer.from(`....${command}${sql}`);
      packet.writeUInt32LE(packet.length - 4);
      server.write(packet);
      return await answered;
    };
    const cut = (): void => {
      client.resetAndDestroy();
      server.resetAndDestroy();
    };
    for await (const chunk of client) {
      const bytes: Buffer = chunk;
      const isStatement = bytes[3] === 0 && bytes[4] === 3;
      if (isStatement) {
        command = bytes[5] === 0 ? '\x03\x00\x01' : '\x03';
      }
      await before(isStatement ? bytes.toString('latin1', 4 + command.length) : '', { id, ask, cut });
      server.write(bytes);
    }
  };
  const proxy = createServer((client) => {
    // A connection that breaks ends its reading with an error: what it means is the client's business.
    serve(client).catch(() => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The proxy has no port');
  }
  return address.port;
}
