import { sslModes } from '../../mysql/address.ts';
import type { ConnectionPart } from '../../mysql/connection-uri.ts';
import type { Setting } from '../setting.ts';

/** The parts of a connection, which a file may give one by one; a flag and a variable give them as one URI. */
export const connectionSettings = {
  host: { description: 'host of the database', upTo: 'file' },
  port: { kind: 'port', usual: '3306', description: 'its port', upTo: 'file' },
  user: { description: 'user of the database', upTo: 'file' },
  database: { description: 'name of the database', upTo: 'file' },
  socket: { description: 'Unix socket, instead of host and port', upTo: 'file' },
  'ssl-mode': {
    choices: sslModes,
    usual: 'disabled; verify-identity for hosts of Amazon RDS',
    description: 'how much of TLS is asked for',
    upTo: 'file',
  },
  'ssl-ca': {
    usual: "Amazon's for its hosts, else those of Node.js",
    description: 'file of certificates to trust',
    upTo: 'file',
  },
  auth: { choices: ['iam'], usual: 'a password', description: 'an IAM token instead of a password', upTo: 'file' },
  'password-secret': { description: 'secret of AWS Secrets Manager with the password', upTo: 'file' },
  'connect-timeout': {
    kind: 'limit',
    usual: '15s',
    description: 'how long connecting may take with all its attempts',
    upTo: 'file',
  },
} as const satisfies Readonly<Record<ConnectionPart, Setting>>;
