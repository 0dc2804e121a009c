import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { onTestFinished } from 'vitest';

/**
 * The URL of a server that behaves as S3Proxy never would, until the test ends.
 *
 * @param tls its certificate and key, in PEM; without them it speaks plain HTTP
 */
export async function badServer(
  listener: RequestListener,
  tls?: { readonly cert: Buffer; readonly key: Buffer },
): Promise<string> {
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http${tls === undefined ? '' : 's'}://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
