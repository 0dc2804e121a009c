import { expect, test, vi } from 'vitest';
import { bashStep, clusterIn, commandStep, emrForThisFile, startCluster, stepsOf } from './emr-fixture.ts';
import { s3ForThisFile } from './s3-files.ts';

const here = emrForThisFile();
const newBucket = s3ForThisFile();

const installNode = 'set -e\nsudo dnf install -y nodejs22\n';
const products = `
  import { createInterface } from 'node:readline';
  for await (const line of createInterface(process.stdin)) console.log(line.split('\\t')[1] + '\\t1');
`;
const sum = `
  import { createInterface } from 'node:readline';
  const views = new Map();
  for await (const line of createInterface(process.stdin)) {
    const [product, count] = line.split('\\t');
    views.set(product, (views.get(product) ?? 0) + Number(count));
  }
  for (const [product, count] of views) console.log(product + '\\t' + count);
  console.error('reporter:counter:Test,Products,' + views.size);
  if (process.env.BROKEN) throw new Error('Cannot sum');
`;

/** A bucket with views, a mapper and a reducer; and a cluster's request that installs Node.js and keeps its logs there. */
async function bucketForJobs() {
  const files = await newBucket();
  const { bucket, put } = files;
  await put('install.sh', installNode);
  await put('in/views.tsv', 'ann\ttea\nann\tcup\nbob\ttea\ncid\tœuf\n');
  await put('mapper.mjs', products);
  await put('reducer.mjs', sum);
  const request = {
    LogUri: `s3://${bucket}/logs`,
    BootstrapActions: [{ Name: 'node', ScriptBootstrapAction: { Path: `s3://${bucket}/install.sh` } }],
  };
  const streaming = (output: string) => [
    ...['hadoop-streaming', '-D', 'mapreduce.job.reduces=3'],
    ...['-files', `s3://${bucket}/mapper.mjs,s3://${bucket}/reducer.mjs`],
    ...['-input', `s3a://${bucket}/in`, '-output', output],
    ...['-mapper', 'node mapper.mjs', '-reducer', 'node reducer.mjs'],
  ];
  return { ...files, request, streaming };
}

test('streaming steps read and write S3 through a mapper and a reducer in Node.js, and Hadoop logs to the file syslog', async () => {
  const { client } = here;
  const { bucket, get, keys, request, streaming } = await bucketForJobs();
  const output = `s3://${bucket}/out`;
  const id = await startCluster(client, {
    ...request,
    Steps: [
      commandStep(streaming(output)),
      commandStep(['bash', '-c', 'hadoop fs -cat "$0" | LC_ALL=C sort', `${output}/part-*`]),
      commandStep(streaming(output)),
    ],
  });
  await clusterIn(client, id, 'WAITING');
  const [counted, listed, again] = await stepsOf(client, id);
  expect(counted?.Status?.State).toBe('COMPLETED');
  expect(await keys('out/')).toEqual(['out/_SUCCESS', 'out/part-00000', 'out/part-00001', 'out/part-00002']);

  const log = (step: typeof counted, name: string) => `logs/${id}/steps/${step?.Id}/${name}.gz`;
  await vi.waitFor(async () => expect(await keys(log(again, 'syslog'))).toHaveLength(1), 20_000);
  expect(await get(log(listed, 'stdout'))).toBe('cup\t1\ntea\t2\nœuf\t1\n');
  expect(await get(log(counted, 'stderr'))).toBe('');
  const syslog = await get(log(counted, 'syslog'));
  expect(syslog).toMatch(/ impl\.YarnClientImpl: Submitted application application_\d+_0001$/m);
  expect(syslog).toMatch(/ mapreduce\.Job: Job job_\d+_0001 completed successfully$/m);
  expect(syslog).toMatch(/^\tTest\n\t\tProducts=3$/m);
  expect(await get(log(counted, 'controller'))).toMatch(
    /waitProcessCompleted ended with exit code 0 : hadoop jar .*command-runner\.jar hadoop-streaming /,
  );

  expect(again?.Status).toMatchObject({
    State: 'FAILED',
    FailureDetails: {
      Reason: 'Output directory already exists.',
      Message: expect.stringContaining(`Output directory ${output} already exists`),
      LogFile: `s3://${bucket}/${log(again, 'syslog')}`,
    },
  });
});

test('what a failing task says is in the log of its container and in yarn logs, not in that of its step', async () => {
  const { client, emr } = here;
  const { bucket, get, keys, request, streaming } = await bucketForJobs();
  emr.faults.stepEnvironment = { BROKEN: 'yes' };
  // With this variable Hadoop's log goes to standard error, from where the script takes the application's id.
  const script = `
    export HADOOP_ROOT_LOGGER=INFO,console
    code=0
    "$@" 2>client.log || code=$?
    yarn logs -applicationId "$(grep -o 'application_[0-9_]*' client.log | head -n 1)"
    cat client.log >&2
    exit $code
  `;
  const args = streaming(`s3://${bucket}/out`);
  const id = await startCluster(client, { ...request, Steps: [commandStep(['bash', '-c', script, 'bash', ...args])] });
  await clusterIn(client, id, 'WAITING');
  const [step] = await stepsOf(client, id);
  const stderrLog = `logs/${id}/steps/${step?.Id}/stderr.gz`;
  const FailureDetails = { Reason: 'Unknown Error.', LogFile: `s3://${bucket}/${stderrLog}` };
  expect(step?.Status).toMatchObject({ State: 'FAILED', FailureDetails });

  await vi.waitFor(async () => expect(await keys(stderrLog)).toHaveLength(1), 20_000);
  const container = /\/containers\/application_(\d+_0001)\/container_\1_01_000002\/stderr\.gz$/;
  const containerLog = await vi.waitFor(async () => {
    const found = (await keys(`logs/${id}/containers/`)).find((key) => container.test(key));
    expect(found).toBeDefined();
    return found ?? '';
  }, 20_000);
  const stack = /^Error: Cannot sum\n\s+at .*reducer\.mjs:10/m;
  expect(await get(containerLog)).toMatch(stack);
  await vi.waitFor(async () => expect(await get(`logs/${id}/steps/${step?.Id}/stdout.gz`)).toMatch(stack), 20_000);
  const stderr = await get(stderrLog);
  expect(stderr).toMatch(/subprocess failed with code 1/);
  expect(stderr).toMatch(/^Streaming Command Failed!$/m);
  expect(stderr).not.toMatch(/Cannot sum/);
});

test('a step without a command-runner or with an unknown command fails', async () => {
  const { client, emr } = here;
  emr.faults.stepEnvironment = {};
  const Steps = [bashStep('', { HadoopJarStep: { Jar: 's3://bucket/own.jar' } }), commandStep(['no-such-command'])];
  const id = await startCluster(client, { Steps });
  await clusterIn(client, id, 'WAITING');
  const steps = await stepsOf(client, id);
  expect(steps.map(({ Status }) => Status?.FailureDetails?.Reason)).toEqual([
    ...['Unable to find the jar file.', 'Unknown Error.'],
  ]);
});
