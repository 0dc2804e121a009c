import { expect, test } from 'vitest';
import { containerLogs, logKind, nodeLogs, ofBootstrap, stepLogs } from '#dist/engine/emr/emr-logs.js';

const logUri = 's3://bucket/logs/';

test.each([
  ['steps/s-2KT/stderr.gz', 'stderr'],
  ['steps/s-2KT/syslog.2026-11-21-04.gz', 'syslog'],
  ['steps/s-2KT/controller.gz', 'controller'],
  ['containers/application_1700000000000_0001/container_1700000000000_0001_01_000003/stderr.gz', 'stderr'],
  [
    'containers/application_1700000000000_0001/container_1700000000000_0001_01_000003/launch_container.sh.gz',
    undefined,
  ],
  ['node/i-0123/bootstrap-actions/1/stdout.gz', 'stdout'],
  ['node/i-0123/daemons/instance-state/instance-state.log-2026-11-21-04-00.gz', undefined],
])('%s is a log of the kind %s', (key, kind) => {
  expect(logKind(`${logUri}j-1/${key}`)).toBe(kind);
});

test('logs of bootstrap actions are told from other logs of a node', () => {
  expect(ofBootstrap(`${logUri}j-1/node/i-0123/bootstrap-actions/1/stderr.gz`)).toBe(true);
  expect(ofBootstrap(`${logUri}j-1/node/i-0123/provision-node/1/stderr.gz`)).toBe(false);
});

test.each([logUri, 's3n://bucket/logs/', 's3://bucket/logs'])('the logs of a cluster lie under %s', (uri) => {
  expect(stepLogs(uri, 'j-1', 's-2')).toBe('s3://bucket/logs/j-1/steps/s-2/');
  expect(containerLogs(uri, 'j-1', 'application_1_2')).toBe('s3://bucket/logs/j-1/containers/application_1_2/');
  expect(nodeLogs(uri, 'j-1')).toBe('s3://bucket/logs/j-1/node/');
});
