import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface TcpProxy {
  readonly port: number;
  /** Bytes that the server has sent through it. */
  readonly bytesDown: number;
  /** Resolves when it has stopped taking bytes from the server, after `stopAfter` of them. */
  readonly stopped: Promise<void>;
  /** Lets the bytes of the server through again. */
  go(): void;
}

/** Bytes from the server after which every connection is cut without a goodbye, or nothing more is taken. */
export interface ProxyLimits {
  readonly cutAfter?: number;
  readonly stopAfter?: number;
}

const never = Number.POSITIVE_INFINITY;

/** A way to a server of this machine, until the test ends. */
export async function tcpProxy(
  serverPort: number,
  { cutAfter = never, stopAfter = never }: ProxyLimits = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let bytesDown = 0;
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const held: (() => void)[] = [];
  let goesOn = false;
  const cut = (): void => {
    for (const socket of sockets) {
      socket.resetAndDestroy();
    }
  };
  const proxy = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    server.on('data', (chunk) => {
      bytesDown += chunk.length;
      if (bytesDown > cutAfter) {
        cut();
      }
      if (bytesDown > stopAfter && !goesOn) {
        server.unpipe(client);
        server.pause();
        held.push(() => server.pipe(client));
        stop();
      }
    });
    client.pipe(server).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    cut();
    proxy.close();
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The proxy has no port');
  }
  return {
    port: address.port,
    get bytesDown() {
      return bytesDown;
    },
    stopped,
    go: () => {
      goesOn = true;
      for (const each of held) {
        each();
      }
    },
  };
}
