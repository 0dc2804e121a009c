import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { asRoot, type DatabaseOptions, type DatabaseServer, startDatabase } from './database.ts';

/** Starts a private MySQL with empty data. */
export function startMySql(options: DatabaseOptions = {}): Promise<DatabaseServer> {
  // A launcher that says --no-defaults itself.
  const program = join(cacheFolder(), 'mysql/mysqld');
  return startDatabase(
    {
      kind: 'mysql',
      name: 'MySQL',
      installer: 'scripts/install-mysql.sh',
      command: [program, ...asRoot()],
      args: [
        '--mysqlx=OFF',
        // The built-in folder does not exist outside of the package's own place, and the server refuses to start without it.
        '--secure-file-priv=',
      ],
      initialise: (dataFolder) => [
        program,
        ...asRoot(),
        '--initialize-insecure',
        '--secure-file-priv=',
        `--datadir=${dataFolder}`,
      ],
    },
    options,
  );
}
