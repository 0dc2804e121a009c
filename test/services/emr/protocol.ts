import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { Faults, Trouble } from './faults.ts';
import { isOperation, type Operation } from './inputs.ts';
import { Refusal } from './refusal.ts';

/** A call as it came, refused or not. */
export interface SeenRequest {
  readonly operation: string;
  readonly input: unknown;
}

export interface ProtocolOptions {
  readonly region: string;
  readonly accessKeyId: string;
  readonly faults: Faults;
  seen(request: SeenRequest): void;
  /** @throws Refusal */
  call(operation: Operation, input: unknown): unknown;
}

/** Serves the protocol "AWS JSON 1.1" on 127.0.0.1: POST /, the operation in the header x-amz-target. It checks who signed for what, not the signature itself. */
export async function serveProtocol(options: ProtocolOptions): Promise<{ endpoint: string; server: Server }> {
  const server = createServer((request, response) => {
    void answer(options, request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, server };
}

async function answer(options: ProtocolOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { faults, call, seen } = options;
  const operation = String(request.headers['x-amz-target']).replace(/^ElasticMapReduce\./, '');
  try {
    const input: unknown = await json(request);
    seen({ operation, input });
    checkCaller(options, request.headers.authorization);
    if (!isOperation(operation)) throw new Refusal('UnknownOperationException', '');
    const trouble = takeTrouble(faults, operation);
    if (trouble === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (trouble === 'throttle' || Date.now() < faults.throttledUntil)
      throw new Refusal('ThrottlingException', 'Rate exceeded');
    if (trouble === 'internal')
      throw new Refusal('InternalServerException', 'An internal error occurred.', { status: 500 });
    if (faults.denied.has(operation)) throw accessDenied(options, operation);
    const output = call(operation, input);
    if (trouble === 'lost-answer') {
      request.socket.resetAndDestroy();
      return;
    }
    send(response, 200, output);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { type, status, message, errorCode } = error;
    send(response, status, {
      __type: type,
      Message: message,
      ...(errorCode === undefined ? {} : { ErrorCode: errorCode }),
    });
  }
}

/** Operations that give nothing have an empty body. */
function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

function takeTrouble({ trouble }: Faults, operation: Operation): Trouble['kind'] | undefined {
  const met = trouble.find((each) => each.times > 0 && (each.operation === undefined || each.operation === operation));
  if (met !== undefined) met.times--;
  return met?.kind;
}

function checkCaller({ region, accessKeyId }: ProtocolOptions, authorization = ''): void {
  const scope = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request,.*Signature=[0-9a-f]{64}$/;
  const [, key, signedRegion, service] = scope.exec(authorization) ?? [];
  if (key === undefined) throw new Refusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  if (key !== accessKeyId) {
    throw new Refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (signedRegion !== region) {
    throw new Refusal('InvalidSignatureException', 'Credential should be scoped to a valid region. ');
  }
  if (service !== 'elasticmapreduce') {
    throw new Refusal(
      'InvalidSignatureException',
      "Credential should be scoped to correct service: 'elasticmapreduce'. ",
    );
  }
}

function accessDenied({ region }: ProtocolOptions, operation: Operation): Refusal {
  const action = `elasticmapreduce:${operation}`;
  const resource = `arn:aws:elasticmapreduce:${region}:123456789012:cluster/*`;
  return new Refusal(
    'AccessDeniedException',
    `User: arn:aws:iam::123456789012:user/also-viewed is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  );
}
