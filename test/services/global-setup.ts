import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
// TypeScript extends a module only where it is imported.
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import type { DatabaseConnection } from './database.ts';
import { makeHadoopClasses } from './hadoop-classes.ts';
import { startMariaDb } from './mariadb.ts';
import { startMySql } from './mysql.ts';
import { ownFolder } from './own-folder.ts';
import type { ProcessServer, Server } from './process.ts';
import { type S3Connection, startS3 } from './s3.ts';

declare module 'vitest' {
  interface ProvidedContext {
    databases: [mariadb: DatabaseConnection, mysql: DatabaseConnection];
    s3: S3Connection;
  }
}

/** One server of each kind for the whole test run: `inject('databases')`, `inject('s3')`. */
export default async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  // Commands that tests kill leave temporary files: in here, from where they go in the end. The workers take it from this environment.
  const before = tmpdir();
  const temporary = await ownFolder(before, 'also-viewed-tests');
  process.env['TMPDIR'] = temporary;
  const servers: Server[] = [];
  const stopAll = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    process.env['TMPDIR'] = before;
    await rm(temporary, { recursive: true, force: true });
  };
  const kept = async <T extends ProcessServer>(starting: Promise<T>): Promise<Omit<T, keyof ProcessServer>> => {
    const { stop, kill, restart, ...connection } = await starting;
    servers.push({ stop });
    return connection;
  };

  const starts = [kept(startMariaDb()), kept(startMySql()), kept(startS3())] as const;
  try {
    const [mariadb, mysql, s3] = await Promise.all(starts);
    project.provide('databases', [mariadb, mysql]);
    project.provide('s3', s3);
    await makeHadoopClasses(s3);
  } catch (error) {
    // The others may still be starting.
    await Promise.allSettled(starts);
    await stopAll();
    throw error;
  }
  return stopAll;
}
