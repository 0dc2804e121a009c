import { randomBytes } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import type { MysqlAddress } from '#dist/mysql/address.js';
import type { DatabaseConnection } from '../services/database.ts';

export interface OwnSchema {
  readonly name: string;
  readonly password: string;
  /** Root's connection with the schema as its database. */
  readonly root: Connection;
  /** The schema's address; `changes` replace parts of it. */
  address(changes?: Partial<MysqlAddress>): MysqlAddress;
  /** A new user without rights; its password is `secret`. */
  user(grant?: string): Promise<string>;
}

/** A schema that exists, under a name of its own, while the tests of the enclosing `describe` run. Call it for what it holds in tests. */
export function ownSchema(server: DatabaseConnection): () => OwnSchema {
  const name = `test_${randomBytes(6).toString('hex')}`;
  let root: Connection | undefined;
  const users: string[] = [];

  beforeAll(async () => {
    const { host, port, user, password } = server;
    root = await createConnection({ host, port, user, password, charset: 'utf8mb4_bin' });
    await root.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await root.query(`USE ${name}`);
  });
  afterAll(async () => {
    await root?.query(`DROP DATABASE ${name}`);
    for (const user of users) {
      await root?.query(`DROP USER ${user}@'127.0.0.1'`);
    }
    await root?.end();
  });

  return () => {
    const connection = root;
    if (connection === undefined) {
      throw new Error('The schema exists while tests run only');
    }
    return {
      name,
      password: server.password,
      root: connection,
      address: (changes = {}) => ({
        host: server.host,
        port: server.port,
        user: server.user,
        database: name,
        socket: undefined,
        sslMode: 'disabled',
        sslCa: undefined,
        ...changes,
      }),
      user: async (grant) => {
        const user = `${name.slice(0, 12)}_${users.length}`;
        await connection.query(`CREATE USER ${user}@'127.0.0.1' IDENTIFIED BY 'secret'`);
        users.push(user);
        if (grant !== undefined) {
          await connection.query(`GRANT ${grant} TO ${user}@'127.0.0.1'`);
        }
        return user;
      },
    };
  };
}
