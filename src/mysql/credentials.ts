import type { Effects } from '../effects.ts';
import type { MysqlAddress } from './address.ts';

/** What a connection is opened with. */
export interface Credentials {
  readonly user: string;
  readonly password: string | undefined;
}

/**
 * The user and the password for one connection. A token and a secret are asked for anew each time: a token is good for a quarter of an hour,
 * and a secret may be rotated while the job runs.
 *
 * @param password the one that is known, if the address names no other source
 * @throws ExpectedFailure when AWS does not give them
 */
export async function credentialsFor(
  address: MysqlAddress,
  password: string | undefined,
  effects: Effects,
): Promise<Credentials> {
  if (address.auth === 'iam') {
    const { iamToken } = await import('./iam-token.ts');
    return { user: address.user, password: await iamToken(address) };
  }
  if (address.passwordSecret !== undefined) {
    const { readSecret } = await import('./read-secret.ts');
    const secret = await readSecret(address.passwordSecret, effects);
    return { user: secret.user ?? address.user, password: secret.password };
  }
  return { user: address.user, password };
}
