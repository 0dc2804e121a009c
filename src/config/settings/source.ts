import type { Setting } from '../setting.ts';
import { connectionSettings as parts } from './connection.ts';

/** Where views come from. */
export const sourceSettings = {
  source: {
    kind: 'source',
    in: ['source', 'uri'],
    description: 'mysql://user@host:port/database, a file, a folder or an s3:// address',
  },
  'source-host': { ...parts.host, in: ['source', 'host'] },
  'source-port': { ...parts.port, in: ['source', 'port'] },
  'source-user': { ...parts.user, in: ['source', 'user'] },
  'source-database': { ...parts.database, in: ['source', 'database'] },
  'source-socket': { ...parts.socket, in: ['source', 'socket'] },
  'source-ssl-mode': { ...parts['ssl-mode'], in: ['source', 'ssl-mode'] },
  'source-ssl-ca': { ...parts['ssl-ca'], in: ['source', 'ssl-ca'] },
  'source-auth': { ...parts.auth, in: ['source', 'auth'] },
  'source-password-secret': { ...parts['password-secret'], in: ['source', 'password-secret'] },
  'source-connect-timeout': { ...parts['connect-timeout'], in: ['source', 'connect-timeout'] },
  'source-table': {
    value: 'name',
    in: ['source', 'table'],
    default: 'recent_items',
    description: 'table of the views',
  },
  'path-column': {
    value: 'name',
    in: ['source', 'path-column'],
    default: 'path_id',
    description: 'column of the path',
  },
  'product-column': {
    value: 'name',
    in: ['source', 'product-column'],
    default: 'product_id',
    description: 'column of the product',
  },
  where: { value: 'condition', in: ['source', 'where'], description: 'SQL condition on the views' },
  'time-column': { value: 'name', in: ['source', 'time-column'], description: 'time of a view, for --since' },
  since: { kind: 'since', in: ['source', 'since'], description: 'only views since then: 90d, 12h, or a date' },
  'max-replica-lag': {
    kind: 'duration',
    in: ['source', 'max-replica-lag'],
    usual: 'not asked',
    description: 'the source is a replica: exit 75 when it is further behind its source than 30s, 10m, 2h',
  },
} as const satisfies Readonly<Record<string, Setting>>;
