import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CancelStepsCommand, RunJobFlowCommand } from '@aws-sdk/client-emr';
import { Interrupted, type RelateOptions } from 'also-viewed';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { removeTree } from '#dist/storage/s3-tree.js';
import { alsoViewed } from '../../cli/also-viewed.ts';
import { clusterRequest } from '../../services/emr/emr-fixture.ts';
import { noFaults } from '../../services/emr/faults.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { emrShop } from './emr-shop.ts';

const shop = emrShop();

function viewsFile(content = '1\ta\n1\tb\n'): string {
  const file = path.join(temporaryFolder(), 'v.tsv');
  writeFileSync(file, content);
  return file;
}

// Jobs of this file alone, since other tests have theirs at the same time.
const temporary = mkdtempSync(path.join(tmpdir(), 'also-viewed-test-'));
beforeAll(() => {
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

afterEach(async () => {
  Object.assign(shop.emr.faults, noFaults());
  shop.expectAllEnded();
  // Reports say why a step failed; nothing else is kept.
  expect((await shop.keys('logs/also-viewed/runs/')).filter((key) => !key.endsWith('.report.gz'))).toEqual([]);
  expect(readdirSync(temporary).filter((name) => !name.startsWith('also-viewed-test-'))).toEqual([]);
});

/** Relates, and does something as soon as the job says `when`. */
function relateAnd(when: RegExp, act: (message: string) => void, options: RelateOptions = {}, signal?: AbortSignal) {
  const info = (message: string): void => {
    shop.said.push(message);
    if (when.test(message)) {
      act(message);
    }
  };
  const log = { debug: () => {}, info, warn: info, error: info };
  return shop.relate(viewsFile(), options, { log, ...(signal === undefined ? {} : { signal }) });
}

const newest = () => shop.emr.clusters.at(-1);

describe('a job that fails on the cluster ends with 69 and says why', () => {
  test('with the stack of Node.js when a reducer fails, which diagnose finds again', async () => {
    const relating = shop.relate(viewsFile(), { hadoopProperty: ['also-viewed.max-path-products=none'] });
    const stack = /a task failed[\s\S]*the setting max-path-products: none is not a whole number[\s\S]*\n\s+at /;
    await expect(relating).rejects.toMatchObject({ exitCode: 69, message: expect.stringMatching(stack) });
    await expect(relating).rejects.toThrow(/^The pairs phase failed/);
    const diagnosed = await alsoViewed(['emr', 'diagnose', newest()?.id ?? ''], {
      env: { ...shop.env, TMPDIR: temporary },
    });
    expect(diagnosed).toMatchObject({ code: 0, stdout: expect.stringMatching(stack) });
  }, 120_000);

  test('when somebody cancels the step', async () => {
    shop.emr.faults.stepsHang = true;
    const cancel = (): void => {
      const { id = '', steps = [] } = newest() ?? {};
      const StepIds = steps.map((step) => step.id);
      void shop.client.send(new CancelStepsCommand({ ClusterId: id, StepIds }));
    };
    await expect(relateAnd(/pairs phase RUNNING/, cancel)).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/^The pairs phase failed: the step s-\w+ was cancelled/),
    });
  });

  test('when Node.js cannot be installed, with what the bootstrap action said', async () => {
    shop.emr.faults.packagesMissing = true;
    await expect(shop.relate(viewsFile())).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/BOOTSTRAP_FAILURE[\s\S]*nodejs22 could not be installed/),
      remedy: expect.stringMatching(/s3:\/\/\S+\/node\//),
    });
  });

  test.each([
    ['longer than it may', {}, /the job has taken 12 hours, the limit of --emr-max-hours$/],
    [
      'more of its instances than it may',
      // Racing time takes hours until the cluster is asked for, from when on instances count; the other limit must not come first.
      { emrMaxInstanceHours: 30, emrMaxHours: 1000 },
      /the 3 instances of its cluster have taken 30 hours together, the limit of --emr-max-instance-hours$/,
    ],
  ])('when the job takes %s', async (_, options, message) => {
    shop.emr.faults.stepsHang = true;
    const start = performance.now();
    const passed = performance.now.bind(performance);
    // Time goes 13 hours a second.
    const racing = vi.spyOn(performance, 'now').mockImplementation(() => start + 13 * 3600 * (passed() - start));
    onTestFinished(() => racing.mockRestore());
    await expect(shop.relate(viewsFile(), options)).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(message),
    });
  });
});

describe('a job that is told to stop', () => {
  test('by SIGINT ends its cluster and removes its files', async () => {
    shop.emr.faults.stepsHang = true;
    const signal = { when: /pairs phase RUNNING/, send: 'SIGINT' } as const;
    const ended = await alsoViewed(['relate', viewsFile()], { env: { ...shop.env, TMPDIR: temporary }, signal });
    expect(ended).toMatchObject({ code: 130, stderr: expect.stringContaining('ended the cluster j-') });
  });

  // Less time than throttling was sat out for before it was said.
  test('by SIGTERM while EMR throttles everybody says within seconds what it could not end', async () => {
    shop.emr.faults.stepsHang = true;
    const throttled = (stderr: string): void => {
      if (/pairs phase RUNNING/.test(stderr)) {
        shop.emr.faults.throttledUntil = Number.POSITIVE_INFINITY;
      }
    };
    const ended = await alsoViewed(['relate', viewsFile()], {
      env: { ...shop.env, TMPDIR: temporary },
      signal: { when: /pairs phase RUNNING/, send: 'SIGTERM' },
      watch: throttled,
    });
    expect(ended).toMatchObject({
      code: 143,
      stderr: expect.stringMatching(/may still be running[\s\S]*terminate-clusters .*j-\w+[\s\S]*ends by itself/),
    });
    newest()?.terminate({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
  }, 30_000);

  test('while its cluster is asked for ends that too', async () => {
    const before = shop.emr.clusters.length;
    const stopping = new AbortController();
    const requests = shop.emr.requests.length;
    const asked = setInterval(() => {
      if (shop.emr.requests.slice(requests).some(({ operation }) => operation === 'RunJobFlow')) {
        stopping.abort(new Interrupted());
      }
    });
    const relating = relateAnd(/never/, () => {}, {}, stopping.signal).finally(() => clearInterval(asked));
    await expect(relating).rejects.toBeInstanceOf(Interrupted);
    expect(shop.emr.clusters.slice(before).map(({ state }) => state)).toEqual([expect.stringMatching(/^TERMINAT/)]);
  });
});

describe('a request whose answer is lost', () => {
  const lose = (operation: string): void => {
    // The first one never arrives, the second one is done.
    shop.emr.faults.trouble.push({ operation, times: 1, kind: 'reset' }, { operation, times: 1, kind: 'lost-answer' });
  };
  const asked = (operation: string, since: number): number =>
    shop.emr.requests.slice(since).filter((request) => request.operation === operation).length;

  test('is not made again once it was heard, and an end of the cluster that was refused is asked for again', async () => {
    const clusters = shop.emr.clusters.length;
    const requests = shop.emr.requests.length;
    lose('RunJobFlow');
    lose('AddJobFlowSteps');
    shop.emr.faults.denied.add('TerminateJobFlows');
    const { text } = await relateAnd(/may still be running/, () => shop.emr.faults.denied.clear());
    expect(text).toBe('a\tb\t1\nb\ta\t1\n');
    expect([asked('RunJobFlow', requests), asked('AddJobFlowSteps', requests)]).toEqual([2, 3]);
    expect(shop.emr.clusters.slice(clusters).map(({ steps }) => steps.map(({ state }) => state))).toEqual([
      ['COMPLETED', 'COMPLETED'],
    ]);
    for (const operation of ['RunJobFlow', 'AddJobFlowSteps']) {
      expect(shop.said).toContainEqual(
        expect.stringMatching(new RegExp(`:${operation}\\)[\\s\\S]*looking whether it was done all the same`)),
      );
    }
    expect(shop.said).toContainEqual(expect.stringContaining('may still be running'));
    expect(newest()?.state).toMatch(/^TERMINAT/);
  }, 120_000);

  test('and that is given up leaves no cluster', async () => {
    const clusters = shop.emr.clusters.length;
    shop.emr.faults.trouble.push({ operation: 'RunJobFlow', times: 1, kind: 'lost-answer' });
    const stopping = new AbortController();
    const relating = relateAnd(/looking whether/, () => stopping.abort(new Interrupted()), {}, stopping.signal);
    await expect(relating).rejects.toBeInstanceOf(Interrupted);
    expect(shop.emr.clusters.slice(clusters).map(({ state }) => state)).toEqual([expect.stringMatching(/^TERMINAT/)]);
  });
});

/** Longer than a few attempts one after the other take. */
const throttledSeconds = process.env['SOAK'] === undefined ? 15 : 60;

test(`throttling for ${throttledSeconds} s, errors and broken connections only delay a job`, async () => {
  let throttledUntil = Number.POSITIVE_INFINITY;
  const trouble = (): void => {
    // It is said once a minute.
    if (throttledUntil < Number.POSITIVE_INFINITY) {
      return;
    }
    throttledUntil = Date.now() + 1_000 * throttledSeconds;
    shop.emr.faults.throttledUntil = throttledUntil;
    shop.emr.faults.trouble.push({ times: 2, kind: 'internal' }, { times: 2, kind: 'reset' });
  };
  expect((await relateAnd(/pairs phase RUNNING/, trouble)).text).toBe('a\tb\t1\nb\ta\t1\n');
  expect(Date.now()).toBeGreaterThan(throttledUntil);
}, 240_000);

describe('access denied is 77 and names the action', () => {
  test.each([
    'ListClusters',
    'DescribeReleaseLabel',
    'RunJobFlow',
    'DescribeCluster',
    'AddJobFlowSteps',
    'DescribeStep',
  ])('%s', async (operation) => {
    shop.emr.faults.stepsHang = true;
    shop.emr.faults.denied.add(operation);
    const before = shop.emr.clusters.length;
    await expect(shop.relate(viewsFile())).rejects.toMatchObject({
      exitCode: 77,
      message: expect.stringContaining(`elasticmapreduce:${operation}`),
      remedy: expect.stringContaining(`Allow the action elasticmapreduce:${operation}`),
    });
    const started = shop.emr.clusters.length - before;
    expect(started).toBe(['DescribeCluster', 'AddJobFlowSteps', 'DescribeStep'].includes(operation) ? 1 : 0);
  });

  test('TerminateJobFlows: loudly, with the command that ends the cluster, which ends by itself when idle', async () => {
    shop.emr.faults.idleSecondMs = 1;
    shop.emr.faults.denied.add('TerminateJobFlows');
    const stopping = new AbortController();
    const relating = relateAnd(/pairs phase/, () => stopping.abort(new Interrupted()), {}, stopping.signal);
    await expect(relating).rejects.toBeInstanceOf(Interrupted);
    const id = newest()?.id;
    expect(shop.said.join('\n')).toMatch(
      new RegExp(`may still be running[\\s\\S]*elasticmapreduce:TerminateJobFlows[\\s\\S]*terminate-clusters .*${id}`),
    );
    await vi.waitUntil(() => newest()?.state === 'TERMINATED', { timeout: 60_000 });
  });
});

/** A tarball as Node.js is distributed, around a way to the one of this machine; the test of the hadoop engine packs a real one. */
function nodeTarball(): string {
  const folder = temporaryFolder();
  const bin = path.join(folder, 'node-v0-linux', 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'node'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  execFileSync('tar', ['-C', folder, '-cf', path.join(folder, 'node.tar'), 'node-v0-linux']);
  return path.join(folder, 'node.tar');
}

describe('on a cluster that others use too', () => {
  const shared = async (): Promise<string> => {
    const { JobFlowId = '' } = await shop.client.send(new RunJobFlowCommand(clusterRequest()));
    await vi.waitUntil(() => newest()?.state === 'WAITING', { timeout: 10_000 });
    return JobFlowId;
  };

  test('nodes without Node.js are found out before the job', async () => {
    const emrCluster = await shared();
    await expect(shop.relate(viewsFile(), { emrCluster })).rejects.toMatchObject({
      exitCode: 69,
      message: expect.stringMatching(/^The node-check phase failed: the nodes cannot run node/),
    });
    expect(newest()?.state).toBe('WAITING');
    newest()?.terminate({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
  }, 120_000);

  test('a job that is told to stop while it asks for its step cancels that too, so that its script can end what it began', async () => {
    const emrCluster = await shared();
    shop.emr.faults.stepsHang = true;
    const requests = shop.emr.requests.length;
    const seen = (name: string) => shop.emr.requests.slice(requests).filter(({ operation }) => operation === name);
    const stopping = new AbortController();
    const asked = setInterval(() => {
      if (seen('AddJobFlowSteps').length > 0) {
        stopping.abort(new Interrupted());
      }
    });
    const relating = relateAnd(/never/, () => {}, { emrCluster }, stopping.signal).finally(() => clearInterval(asked));
    await expect(relating).rejects.toBeInstanceOf(Interrupted);
    expect(seen('CancelSteps').map(({ input }) => input)).toEqual([
      expect.objectContaining({ StepCancellationOption: 'SEND_INTERRUPT' }),
    ]);
    await vi.waitUntil(() => newest()?.steps.every(({ state }) => state === 'CANCELLED'), { timeout: 10_000 });
    newest()?.terminate({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
  });

  test('a job cancels its step when it is told to stop, or says what it could not end, and can be resumed', async () => {
    const emrCluster = await shared();
    const nodeArchive = nodeTarball();
    const on = (resumed: boolean): RelateOptions => ({ emrCluster, nodeArchive, run: { id: 'shared', resumed } });
    const interrupted = async (resumed: boolean): Promise<void> => {
      const stopping = new AbortController();
      const relating = relateAnd(/RUNNING/, () => stopping.abort(new Interrupted()), on(resumed), stopping.signal);
      await expect(relating).rejects.toBeInstanceOf(Interrupted);
    };
    const states = () => newest()?.steps.map(({ state }) => state);

    shop.emr.faults.stepsHang = true;
    shop.emr.faults.denied.add('CancelSteps');
    await interrupted(false);
    expect(shop.said.join('\n')).toMatch(
      new RegExp(
        `may still be running[\\s\\S]*CancelSteps[\\s\\S]*cancel-steps .*--cluster-id ${emrCluster} --step-ids s-`,
      ),
    );
    expect(states()).toEqual(['RUNNING']);
    shop.emr.faults.denied.clear();
    shop.emr.faults.denied.add('ListSteps');
    await expect(relateAnd(/never/, () => {}, on(true))).rejects.toMatchObject({
      exitCode: 77,
      message: expect.stringContaining('elasticmapreduce:ListSteps'),
    });
    shop.emr.faults.denied.clear();
    // The step that still runs is followed, and then cancelled.
    await interrupted(true);
    await vi.waitUntil(() => states()?.join() === 'CANCELLED', { timeout: 10_000 });
    shop.emr.faults.stepsHang = false;
    expect((await relateAnd(/never/, () => {}, on(true))).text).toBe('a\tb\t1\nb\ta\t1\n');
    expect(states()).toEqual(['CANCELLED', 'COMPLETED', 'COMPLETED']);
    expect(newest()?.state).toBe('WAITING');
    newest()?.terminate({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
  }, 180_000);

  test.each([
    ['is still to be cancelled', false, 'CANCEL_PENDING'],
    ['runs and does something else', true, 'RUNNING'],
  ])(
    'a step that %s has ended before a resumed run adds another one',
    async (_, cannotCancel, state) => {
      const emrCluster = await shared();
      const cluster = newest();
      const nodeArchive = nodeTarball();
      shop.emr.faults.stepsHang = true;
      let cancel = (): void => {};
      shop.emr.faults.cancelling = new Promise((resolve) => {
        cancel = resolve;
      });
      const on = (resumed: boolean, maxPathProducts: number): RelateOptions => ({
        ...{ emrCluster, nodeArchive, maxPathProducts, run: { id: `left ${state}`, resumed } },
      });
      if (cannotCancel) {
        shop.emr.faults.denied.add('CancelSteps');
      }
      const stopping = new AbortController();
      const first = relateAnd(/phase RUNNING/, () => stopping.abort(new Interrupted()), on(false, 9), stopping.signal);
      await expect(first).rejects.toBeInstanceOf(Interrupted);
      expect(cluster?.steps.map((step) => step.state)).toEqual([state]);

      shop.emr.faults.denied.clear();
      const stoppingAgain = new AbortController();
      const goOn = (said: string): void =>
        said.includes('earlier') ? cancel() : stoppingAgain.abort(new Interrupted());
      const moments = /earlier pairs phase CANCEL_PENDING|EMR: pairs phase RUNNING/;
      const second = relateAnd(moments, goOn, on(true, cannotCancel ? 8 : 9), stoppingAgain.signal);
      await expect(second).rejects.toBeInstanceOf(Interrupted);
      await vi.waitUntil(() => cluster?.steps.map((step) => step.state).join() === 'CANCELLED,CANCELLED', {
        timeout: 10_000,
      });
      const [cancelled, next] = cluster?.steps ?? [];
      expect(Number(next?.created)).toBeGreaterThanOrEqual(Number(cancelled?.ended));
      cluster?.terminate({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
      // It could be resumed once more.
      await removeTree(`s3://${shop.bucket}/logs/also-viewed/runs/left ${state}/`, defaultEffects());
    },
    180_000,
  );
});

describe('nothing is started', () => {
  let before = 0;
  const refused = async (relating: Promise<unknown>, exitCode: number, message: RegExp): Promise<void> => {
    before = shop.emr.clusters.length;
    await expect(relating).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) });
    expect(shop.emr.clusters).toHaveLength(before);
  };

  test('when the bucket is missing', async () => {
    const emrLogUri = 's3://there-is-none/logs/';
    await refused(shop.relate(viewsFile(), { emrLogUri }), 78, /there is no bucket there-is-none/);
  });

  test('and no run begins to export, when the bucket is missing', async () => {
    const cwd = temporaryFolder();
    const args = [
      '--source',
      viewsFile(),
      '--target',
      't.tsv',
      '--work',
      'work',
      '--emr-log-uri',
      's3://there-is-none/',
    ];
    expect(await alsoViewed(['run', ...args], { cwd, env: { ...shop.env, TMPDIR: temporary } })).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('there is no bucket there-is-none'),
    });
    expect(readdirSync(cwd)).toEqual([]);
  });

  test.each([301, 400])('when the bucket is in another region, which S3 says with %d', async (status) => {
    const elsewhere = createServer((_, response) => {
      response.writeHead(status, { 'x-amz-bucket-region': 'eu-west-1' }).end();
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const address = elsewhere.address();
    vi.stubEnv('AWS_ENDPOINT_URL_S3', `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    await refused(shop.relate(viewsFile()), 78, /its bucket is in eu-west-1, and the cluster would run in us-east-1/);
    vi.stubEnv('AWS_ENDPOINT_URL_S3', shop.env['AWS_ENDPOINT_URL_S3'] ?? '');
    elsewhere.close();
  });

  test('when there is no such release, or no such cluster', async () => {
    await refused(shop.relate(viewsFile(), { emrRelease: 'emr-9.0.0' }), 78, /release label is invalid: emr-9.0.0/);
    await refused(shop.relate(viewsFile(), { emrCluster: 'j-NOSUCH' }), 78, /j-NOSUCH/);
  });

  test('when the estimate is over a limit, unless --yes says so', async () => {
    const options = { emrCoreCount: 1000 };
    await refused(
      shop.relate(viewsFile(), options),
      64,
      /the job would take about \d+\.\d instance hours, and the limit is 100/,
    );
    shop.emr.faults.denied.add('RunJobFlow');
    await refused(shop.relate(viewsFile(), { ...options, yes: true }), 77, /RunJobFlow/);
  });

  test('when the settings do not suffice, or the views are not for a cluster', async () => {
    await refused(shop.relate(viewsFile(), { emrLogUri: undefined }), 78, /emr-log-uri is not set/);
    await refused(shop.relate(viewsFile(), { emrTags: 'x' }), 78, /a tag is name=value/);
    await refused(shop.relate('-'), 64, /with the emr engine: its mappers read TSV files/);
    await refused(shop.relate('hdfs://n/v'), 64, /hdfs/);
    await refused(shop.relate(viewsFile(), { emrTags: 'also-viewed:run=x' }), 78, /tag also-viewed:run comes twice/);
  });

  test('when the result could not be written', async () => {
    await refused(shop.relate(viewsFile(), { out: '/no/such/folder/r.tsv' }), 73, /its folder does not exist/);
    await refused(
      shop.relate(viewsFile(), { out: 's3://there-is-none/r.tsv' }),
      78,
      /there is no bucket there-is-none/,
    );
  });
});
