import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { onTestFinished, vi } from 'vitest';

/** An answer of the service: what a secret holds, or the name of an error. */
export type SecretAnswer =
  | { readonly text: string }
  | { readonly binary: Buffer }
  | { readonly error: string; readonly message?: string; readonly status?: number };

/** Requests as they came: the secret that was asked for, and the region that the caller signed for. */
export interface SeenRequest {
  readonly secret: string;
  readonly region: string;
}

/**
 * AWS Secrets Manager as its API reference describes GetSecretValue: POST /, the operation in `x-amz-target`, errors by their name in
 * `__type`. The SDK finds it, and credentials, in the environment until the test ends.
 *
 * @param answer told how many requests came before
 */
export async function secretsManager(answer: (before: number) => SecretAnswer): Promise<SeenRequest[]> {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const input: unknown = await json(request);
    const secret = typeof input === 'object' && input !== null && 'SecretId' in input ? String(input.SecretId) : '';
    const region = /Credential=[^/]+\/\d+\/([^/]+)\/secretsmanager/.exec(request.headers.authorization ?? '')?.[1];
    const known = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
    const given = known ? answer(seen.length) : { error: 'UnknownOperationException' };
    seen.push({ secret, region: region ?? '' });
    const body =
      'error' in given
        ? { __type: given.error, Message: given.message ?? given.error }
        : {
            ARN: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${secret}`,
            Name: secret,
            VersionId: 'a1b2',
            VersionStages: ['AWSCURRENT'],
            CreatedDate: 1_700_000_000.5,
            ...('text' in given ? { SecretString: given.text } : { SecretBinary: given.binary.toString('base64') }),
          };
    response.writeHead('error' in given ? (given.status ?? 400) : 200, {
      'content-type': 'application/x-amz-json-1.1',
    });
    response.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  stubAws({ AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}` });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return seen;
}

/** The environment of the AWS SDK until the test ends: no profile, no metadata service, credentials of nobody. */
export function stubAws(more: Readonly<Record<string, string | undefined>> = {}): void {
  const env = {
    AWS_ACCESS_KEY_ID: 'AKIDTEST',
    AWS_SECRET_ACCESS_KEY: 'marked-aws-secret',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    ...more,
  };
  for (const [name, value] of Object.entries(env)) {
    vi.stubEnv(name, value);
  }
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}
