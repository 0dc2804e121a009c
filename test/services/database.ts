import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { dataTemplate } from './data-template.ts';
import { freePort } from './free-port.ts';
import { ownFolder } from './own-folder.ts';
import { type ProcessServer, startServer } from './process.ts';
import { secretMark } from './secret-mark.ts';

/**
 * What a client needs to know. The user is root, over TCP and over the socket. An account that a test makes for TCP has the host '%' or
 * '127.0.0.1': the servers look up no names, so 'localhost' is the socket alone.
 */
export interface DatabaseConnection {
  kind: 'mariadb' | 'mysql';
  host: string;
  port: number;
  user: string;
  password: string;
  socketPath: string;
}

export interface DatabaseServer extends DatabaseConnection, ProcessServer {}

export interface DatabaseOptions {
  /** More arguments for the server. They come last, so they hold against those below. */
  args?: string[];
}

/** What differs between the databases. */
export interface DatabaseProduct {
  kind: DatabaseConnection['kind'];
  name: string;
  /** The script that installs it. */
  installer: string;
  /** The server program and the arguments that must come first. */
  command: [program: string, ...args: string[]];
  args: string[];
  /** The command that makes a data folder, with a user root@localhost, at a path that does not exist yet. */
  initialise(dataFolder: string): [program: string, ...args: string[]];
}

/** Starts a private server with empty data. Where nothing is said here, the product's own defaults hold (`local_infile`, say). */
export async function startDatabase(product: DatabaseProduct, { args = [] }: DatabaseOptions): Promise<DatabaseServer> {
  const template = await dataTemplate(product);
  const folder = await ownFolder(tmpdir(), `also-viewed-${product.kind}`);
  const dataFolder = join(folder, 'data');
  await promisify(execFile)('cp', ['--archive', '--reflink=auto', '--sparse=always', template, dataFolder]);
  // MySQL's identity, which a replica must not share with its source.
  await rm(join(dataFolder, 'auto.cnf'), { force: true });

  const connection: DatabaseConnection = {
    kind: product.kind,
    host: '127.0.0.1',
    port: await freePort(),
    user: 'root',
    password: secretMark + randomBytes(8).toString('hex'),
    socketPath: join(folder, 'socket'),
  };
  const initFile = join(folder, 'init.sql');
  await writeFile(initFile, grants(connection));

  const [command, ...first] = product.command;
  const server = await startServer({
    name: product.name,
    command,
    folder,
    args: [
      ...first,
      `--datadir=${dataFolder}`,
      // MariaDB deletes what looks like temporary tables there when it starts, those of another server included.
      `--tmpdir=${folder}`,
      `--socket=${connection.socketPath}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--init-file=${initFile}`,
      `--port=${connection.port}`,
      `--bind-address=${connection.host}`,
      // Otherwise the DNS is asked for a client's name, and may take seconds to say that it knows none.
      '--skip-name-resolve',
      '--skip-log-bin',
      '--performance-schema=OFF',
      '--innodb-buffer-pool-size=64M',
      // The data must survive a killed server, not a power cut; and after a stop the folder is deleted, so a tidy end is wasted time.
      '--innodb-flush-log-at-trx-commit=2',
      '--innodb-fast-shutdown=2',
      ...product.args,
      ...args,
    ],
    async answers() {
      const { host, port, user, password } = connection;
      await (await createConnection({ host, port, user, password, connectTimeout: 1_000 })).end();
    },
  });
  return { ...connection, ...server };
}

/** Both servers read an init file before they let anybody in, a statement a line. */
function grants({ user, host, password }: DatabaseConnection): string {
  return `ALTER USER ${user}@localhost IDENTIFIED BY '${password}';
CREATE USER IF NOT EXISTS ${user}@'${host}' IDENTIFIED BY '${password}';
GRANT ALL ON *.* TO ${user}@'${host}' WITH GRANT OPTION;
`;
}

/** Both servers refuse to run as root unless told to, and to be told so by anybody else. */
export function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
