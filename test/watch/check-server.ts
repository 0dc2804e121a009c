import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

/** A ping as the monitor got it. */
export interface Pinged {
  readonly method: string | undefined;
  readonly path: string;
  readonly run: string | null;
  readonly text: string;
}

/** Asked for each ping: what to answer, or `undefined` to be silent; `before` holds those that came before it. */
type Answer = (ping: Pinged, before: readonly Pinged[]) => number | undefined;

/** A monitor that takes pings at `/secret-check`. */
export async function checkServer(answer: Answer = () => 200): Promise<{ url: string; pings: Pinged[] }> {
  const pings: Pinged[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) {
      text += chunk;
    }
    const ping = { method: request.method, path: pathname, run: searchParams.get('rid'), text };
    const status = answer(ping, [...pings]);
    pings.push(ping);
    if (status !== undefined) {
      response.writeHead(status).end('OK');
    }
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/secret-check`, pings };
}
