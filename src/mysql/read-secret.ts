import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import { awsFailure } from '../aws-failure.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';

/** What a secret holds. */
export interface Secret {
  /** `undefined` when it is a password and nothing else. */
  readonly user: string | undefined;
  readonly password: string;
}

/** The form that RDS and the rotation of Secrets Manager write; where the database is, the URI says. */
const ofRds = v.object({ username: v.optional(v.string()), password: v.pipe(v.string(), v.minLength(1)) });

/**
 * Reads a secret of AWS Secrets Manager: a JSON object with `username` and `password`, or a text that is the password.
 *
 * @param name its name or ARN; an ARN names the region as well
 * @throws ExpectedFailure when there is no such secret, it must not be read, it holds no password, or AWS does not answer; the reason of
 *   `effects.signal` once it is aborted
 */
export async function readSecret(name: string, effects: Effects): Promise<Secret> {
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(name)?.[1];
  const client = new SecretsManagerClient({
    ...(region === undefined ? {} : { region }),
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
  try {
    const value = await client.send(new GetSecretValueCommand({ SecretId: name }), { abortSignal: effects.signal });
    return parseSecret(name, value.SecretString ?? Buffer.from(value.SecretBinary ?? []).toString('utf8'));
  } catch (error) {
    effects.signal.throwIfAborted();
    const call = {
      service: 'Secrets Manager',
      action: 'secretsmanager:GetSecretValue',
      permissions: 'docs/connections.md',
      settings: 'password-secret',
    };
    throw awsFailure(`Cannot read the secret ${name}`, call, error);
  } finally {
    client.destroy();
  }
}

function parseSecret(name: string, text: string): Secret {
  const json = parseJson(text);
  const result = v.safeParse(ofRds, json);
  if (result.success) {
    return { user: result.output.username, password: result.output.password };
  }
  const password = text.replace(/\r?\n$/, '');
  if (password === '' || (typeof json === 'object' && json !== null)) {
    throw new ExpectedFailure('configuration', `Cannot use the secret ${name}: it holds no password`, {
      remedy: 'It must be a JSON object with username and password, as RDS writes it, or the password alone.',
    });
  }
  return { user: undefined, password };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
