import { expect, test } from 'vitest';
import { explainFailure } from '#dist/engine/cluster/explain-failure.js';
import { applicationOf, progressOf, readReport } from '#dist/engine/cluster/job-report.js';

const report = `2026-11-21 02:52:49,759 INFO mapreduce.Job:  map 0% reduce 0%
also-viewed: rejected file:/v.tsv\t7\tNULL\t1\\tNULL
2026-11-21 02:52:50,138 INFO mapred.Task: Final Counters for attempt_local941021831_0001_m_000000_0: Counters: 19
\tFile System Counters
\t\tFILE: Number of bytes read=9
\talso-viewed
\t\trows=1
2026-11-21 02:52:52,771 INFO mapreduce.Job: Counters: 36
\tMap-Reduce Framework
\t\trows=99
\t\tGC time elapsed (ms)=4
\talso-viewed
\t\tids that are no integers=2059
\t\tpath weight=57145672
\t\trejected control character=2
\t\trows=541909
\tFile Input Format Counters 
\t\tBytes Read=1628168
2026-11-21 02:52:52,771 INFO streaming.StreamJob: Output directory: /tmp/pairs`.split('\n');

test('the counters are those of the job, not of an attempt, and of our group only', () => {
  const { counters, rejections } = readReport(report);
  expect([...counters]).toEqual([
    ['ids that are no integers', 2059],
    ['path weight', 57145672],
    ['rejected control character', 2],
    ['rows', 541909],
  ]);
  expect(rejections).toEqual(['file:/v.tsv\t7\tNULL\t1\\tNULL']);
});

test('progress is read from the lines of the client', () => {
  expect(report.map(progressOf).filter(Boolean)).toEqual([{ map: 0, reduce: 0 }]);
});

test('a failed task is explained by the error and the stack of Node.js', () => {
  const { cause } = explainFailure([
    'INFO mapreduce.Job: Running job: job_local1_0001',
    'file:///tmp/x/weights-reducer.mjs:12',
    '    throw new Error("no");',
    'Error: Cannot read a stripe: x is no count',
    '    at countOf (file:///tmp/x/weights-reducer.mjs:12:11)',
    '    at runTask (file:///tmp/x/weights-reducer.mjs:20:3)',
    'Node.js v20.20.2',
    'WARN mapred.LocalJobRunner: attempt_local1_0001_r_000000_0 subprocess failed with code 1',
  ]);
  expect(cause).toBe(
    'a task failed (attempt_local1_0001_r_000000_0):\nError: Cannot read a stripe: x is no count\n    at countOf (file:///tmp/x/weights-reducer.mjs:12:11)\n    at runTask (file:///tmp/x/weights-reducer.mjs:20:3)',
  );
});

test('a task that failed on YARN is explained by the logs that follow the lines of the client', () => {
  const client = [
    'INFO mapreduce.Job: Task Id : attempt_17_0006_r_000001_2, Status : FAILED',
    'Error: java.lang.RuntimeException: PipeMapRed.waitOutputThreads(): subprocess failed with code 1',
    '\tat org.apache.hadoop.streaming.PipeMapRed.waitOutputThreads(PipeMapRed.java:326)',
    'INFO mapreduce.Job: Job job_17_0006 failed with state FAILED due to: Task failed task_17_0006_r_000001',
  ];
  expect(explainFailure(client)).toMatchObject({
    certain: false,
    remedy: expect.stringContaining('yarn logs -applicationId application_17_0006'),
  });
  const logs = [
    'LogContents:',
    'TypeError: no',
    '    at runTask (file:///x/weights-reducer.mjs:20:3)',
    '',
    'End of LogType',
  ];
  expect(explainFailure([...client, ...logs])).toMatchObject({
    certain: true,
    cause:
      'a task failed (attempt_17_0006_r_000001_2):\nTypeError: no\n    at runTask (file:///x/weights-reducer.mjs:20:3)',
  });
  expect(explainFailure([...client.slice(3), ...logs]).cause).toMatch(/^a task failed \(task_17_0006_r_000001\):/);
  const split = 'also-viewed: failed on the input split hdfs://n/v.tsv:64+32';
  expect(explainFailure([...client, split, ...logs]).cause).toMatch(
    /^a task failed \(attempt_17_0006_r_000001_2, input split hdfs:\/\/n\/v\.tsv:64\+32\):/,
  );
});

test('the application is known by the number of its job, but a job of LocalJobRunner has none', () => {
  expect(applicationOf('INFO mapreduce.JobSubmitter: Submitting tokens for job: job_17_0006')).toBe(
    'application_17_0006',
  );
  expect(applicationOf('INFO impl.YarnClientImpl: Submitted application application_17_0006')).toBe(
    'application_17_0006',
  );
  expect(applicationOf('INFO mapreduce.Job: Running job: job_local941021831_0001')).toBeUndefined();
});

test.each([
  ['java.io.IOException: Cannot run program "node": error=2, No such file or directory', /cannot run node/],
  [
    'ERROR streaming.StreamJob: Error Launching job : Output directory hdfs:/x already exists',
    /hdfs:\/x already exists/,
  ],
  ['ERROR: Input path does not exist: hdfs://h/nope', /there is no input hdfs:\/\/h\/nope/],
  ['java.net.ConnectException: Call From a to b failed: Connection refused; see', /cannot be reached/],
  ['something else\nException: odd', /odd/],
])('what Hadoop says is explained: %s', (text, cause) => {
  expect(explainFailure(text.split('\n')).cause).toMatch(cause);
});
