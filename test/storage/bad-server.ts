import { createServer, type RequestListener } from 'node:http';
import { onTestFinished } from 'vitest';

/** The URL of a server that behaves as S3Proxy never would, until the test ends. */
export async function badServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
