import { existsSync } from 'node:fs';
import { asRoot, type DatabaseOptions, type DatabaseServer, startDatabase } from './database.ts';

// Debian's place for it, which is not on an ordinary user's PATH.
const debianPath = '/usr/sbin/mariadbd';

/** Starts a private MariaDB with empty data. */
export function startMariaDb(options: DatabaseOptions = {}): Promise<DatabaseServer> {
  return startDatabase(
    {
      kind: 'mariadb',
      name: 'MariaDB',
      installer: 'scripts/install-mariadb.sh',
      command: [existsSync(debianPath) ? debianPath : 'mariadbd', '--no-defaults', ...asRoot()],
      args: [],
      initialise: (dataFolder) => [
        'mariadb-install-db',
        '--no-defaults',
        ...asRoot(),
        // The other method leaves accounts without a password, this one just root@localhost.
        '--auth-root-authentication-method=socket',
        '--skip-test-db',
        '--skip-name-resolve',
        // A container may not be able to look up its own name, which the script checks even so.
        '--force',
        `--datadir=${dataFolder}`,
      ],
    },
    options,
  );
}
