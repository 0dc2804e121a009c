import { Signer } from '@aws-sdk/rds-signer';
import { awsFailure } from '../aws-failure.ts';
import type { MysqlAddress } from './address.ts';
import { regionOfRds } from './amazon-rds.ts';

/**
 * A token of IAM that RDS takes for the password of a user for 15 minutes. It is signed here; nothing is asked of AWS but the credentials.
 *
 * @throws ExpectedFailure when there are no AWS credentials, or the region is neither in the host's name nor set
 */
export async function iamToken({ host, port, user }: MysqlAddress): Promise<string> {
  const region = regionOfRds(host);
  const signer = new Signer({ hostname: host, port, username: user, ...(region === undefined ? {} : { region }) });
  try {
    return await signer.getAuthToken();
  } catch (error) {
    const call = {
      service: 'IAM',
      action: 'rds-db:connect',
      permissions: 'docs/connections.md',
      settings: 'the host and the user',
    };
    throw awsFailure(`Cannot sign an IAM token for ${user}@${host}`, call, error);
  }
}
