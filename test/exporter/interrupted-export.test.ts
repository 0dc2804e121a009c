import { readdirSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { exportViews } from '#dist/exporter/export-views.js';
import { ownSchema } from '../mysql/own-schema.ts';
import { tcpProxy } from '../mysql/tcp-proxy.ts';
import { startMariaDb } from '../services/mariadb.ts';
import { startMySql } from '../services/mysql.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { viewsOf } from './run-export.ts';

const rows = 1 << 18;
/** Of one row of the table below, in TSV. */
const rowBytes = 203;

/** Takes a batch at a time: calls `taken` after each, with the bytes so far, and waits for it. */
function consumer(taken: (bytes: number) => Promise<void>): Writable {
  let bytes = 0;
  return new Writable({
    write(chunk, _encoding, callback) {
      bytes += chunk.length;
      taken(bytes).then(() => callback(), callback);
    },
  });
}

/** A promise and what settles it. */
function signalled(): { readonly when: Promise<void>; readonly signal: () => void } {
  let signal = (): void => {};
  const when = new Promise<void>((resolve) => {
    signal = resolve;
  });
  return { when, signal };
}

describe.each(inject('databases').map((server) => [server.kind, server] as const))(
  'an export from %s',
  (kind, server) => {
    const schema = ownSchema(server);

    beforeAll(async () => {
      const { root } = schema();
      await root.query('CREATE TABLE views (path_id VARCHAR(100) NOT NULL, product_id CHAR(101) NOT NULL)');
      await root.query("INSERT INTO views VALUES (REPEAT('p', 100), REPEAT('q', 101))");
      for (let doubled = 1; doubled < rows; doubled *= 2) {
        await root.query('INSERT INTO views SELECT * FROM views');
      }
    });

    test('fails within seconds and leaves no file when its connection is killed', async () => {
      const folder = temporaryFolder();
      // Bytes enough for the server to be in the middle, because the proxy lets it get no further.
      const proxy = await tcpProxy(server.port, { stopAfter: 20_000_000 });
      const views = viewsOf(schema(), { address: schema().address({ port: proxy.port }) });
      const running = exportViews(views, path.join(folder, 'views.tsv')).catch((error: unknown) => error);
      await proxy.stopped;
      const [processes] = await schema().root.query<RowDataPacket[]>(
        'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()',
      );
      const killed = performance.now();
      await schema().root.query(`KILL ${processes[0]?.['id']}`);
      proxy.go();
      expect(await running).toMatchObject({ name: 'ExpectedFailure', kind: 'unavailable' });
      expect(performance.now() - killed).toBeLessThan(5_000);
      expect(readdirSync(folder)).toEqual([]);
    });

    // MariaDB offers no TLS as it is installed.
    const sslModes = kind === 'mysql' ? (['disabled', 'required'] as const) : (['disabled'] as const);

    test.each(sslModes)(
      'fails within seconds and leaves no file wherever the network breaks, TLS %s',
      async (sslMode) => {
        for (const cutAfter of [0, 100, 5_000, 70_000, 10_000_000]) {
          const folder = temporaryFolder();
          const proxy = await tcpProxy(server.port, { cutAfter });
          const views = viewsOf(schema(), {
            address: schema().address({ port: proxy.port, sslMode, connectTimeout: 1 }),
          });
          const begun = performance.now();
          await expect(exportViews(views, path.join(folder, 'views.tsv.gz'))).rejects.toMatchObject({
            name: 'ExpectedFailure',
            kind: 'unavailable',
          });
          expect(performance.now() - begun).toBeLessThan(5_000);
          expect(readdirSync(folder)).toEqual([]);
        }
      },
    );

    test('fails within seconds when the server is stopped', async () => {
      const mortal = await (kind === 'mariadb' ? startMariaDb() : startMySql());
      onTestFinished(() => mortal.stop());
      const folder = temporaryFolder();
      const address = schema().address({ port: mortal.port, database: 'mysql' });
      // SLEEP holds the server up in the middle of the rows.
      const table = { table: 'help_relation', pathColumn: 'help_topic_id', productColumn: 'help_keyword_id' };
      const views = viewsOf(schema(), { ...table, address, password: mortal.password, where: 'SLEEP(0.05) = 0' });
      const running = exportViews(views, path.join(folder, 'views.tsv')).catch((error: unknown) => error);
      while (!readdirSync(folder).some((name) => name.endsWith('.tmp'))) {
        await delay(5);
      }
      const stopped = performance.now();
      await mortal.stop();
      expect(await running).toMatchObject({ name: 'ExpectedFailure', kind: 'unavailable' });
      expect(performance.now() - stopped).toBeLessThan(6_000);
      expect(readdirSync(folder)).toEqual([]);
    });

    test.each(sslModes)(
      'ends with the reason of the abort signal while nobody takes the rows, TLS %s',
      async (sslMode) => {
        const controller = new AbortController();
        const reason = new Error('enough');
        const stdout = consumer(async (bytes) => {
          if (bytes > 1_000_000) {
            controller.abort(reason);
            await new Promise(() => {});
          }
        });
        const effects = { stdout, signal: controller.signal };
        const views = viewsOf(schema(), { address: schema().address({ sslMode }) });
        await expect(exportViews(views, '-', effects)).rejects.toBe(reason);
      },
    );

    test('ends with the reason of the abort signal before the first row', async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const folder = temporaryFolder();
      const { name, root } = schema();
      // The server waits for this lock until the test is over.
      await root.query(`SELECT GET_LOCK('${name}', 0)`);
      onTestFinished(async () => {
        await root.query(`SELECT RELEASE_LOCK('${name}')`);
      });
      const views = viewsOf(schema(), { where: `GET_LOCK('${name}', 60) IS NULL` });
      const effects = { signal: controller.signal };
      const running = exportViews(views, path.join(folder, 'views.tsv'), effects).catch((error: unknown) => error);
      while (readdirSync(folder).length === 0) {
        await delay(5);
      }
      controller.abort(reason);
      expect(await running).toBe(reason);
      expect(readdirSync(folder)).toEqual([]);
    });

    test('ends with the error of its output', async () => {
      const stdout = consumer(async (bytes) => {
        if (bytes > 1_000_000) {
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        }
      });
      // As the command line does for the standard output of the process.
      stdout.on('error', () => {});
      await expect(exportViews(viewsOf(schema()), '-', { stdout })).rejects.toMatchObject({
        name: 'ExpectedFailure',
        kind: 'inputOutput',
      });
    });

    test('takes no more from the server than a slow consumer takes from it', async () => {
      const proxy = await tcpProxy(server.port);
      const { when: begun, signal: begin } = signalled();
      let lead = 0;
      const stdout = consumer(async (bytes) => {
        begin();
        // A quarter of what the server could send in that time.
        await delay(8);
        lead = Math.max(lead, proxy.bytesDown - bytes);
      });
      const views = viewsOf(schema(), { address: schema().address({ port: proxy.port }) });
      const running = exportViews(views, '-', { stdout });
      await begun;
      expect((await running).artefact.bytes).toBeGreaterThan(rows * rowBytes);
      // The buffers of the kernel, the proxy and two batches.
      expect(lead).toBeLessThan((rows * rowBytes) / 2);
    });
  },
);
