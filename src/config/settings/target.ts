import type { Setting } from '../setting.ts';
import { connectionSettings as parts } from './connection.ts';

/** Where relations go. */
export const targetSettings = {
  target: { kind: 'target', in: ['target', 'uri'], description: 'mysql://user@host:port/database, or a file' },
  'target-host': { ...parts.host, in: ['target', 'host'] },
  'target-port': { ...parts.port, in: ['target', 'port'] },
  'target-user': { ...parts.user, in: ['target', 'user'] },
  'target-database': { ...parts.database, in: ['target', 'database'] },
  'target-socket': { ...parts.socket, in: ['target', 'socket'] },
  'target-ssl-mode': { ...parts['ssl-mode'], in: ['target', 'ssl-mode'] },
  'target-ssl-ca': { ...parts['ssl-ca'], in: ['target', 'ssl-ca'] },
  'target-auth': { ...parts.auth, in: ['target', 'auth'] },
  'target-password-secret': { ...parts['password-secret'], in: ['target', 'password-secret'] },
  'target-connect-timeout': { ...parts['connect-timeout'], in: ['target', 'connect-timeout'] },
  'target-table': {
    value: 'name',
    in: ['target', 'table'],
    default: 'related_products',
    description: 'table of the relations',
  },
  'source-column': {
    value: 'name',
    in: ['target', 'source-column'],
    default: 'source_product_id',
    description: 'its column of the source',
  },
  'target-column': {
    value: 'name',
    in: ['target', 'target-column'],
    default: 'target_product_id',
    description: 'its column of the target',
  },
  'weight-column': {
    value: 'name',
    in: ['target', 'weight-column'],
    default: 'weight',
    description: 'its column of the weight',
  },
} as const satisfies Readonly<Record<string, Setting>>;
