import type { Setting } from '../setting.ts';

/** How Amazon EMR is used. What is usual stands in src/engine/emr/emr-settings.ts. */
export const emrSettings = {
  'emr-region': { value: 'name', in: ['emr', 'region'], usual: 'AWS_REGION', description: 'emr: region' },
  'emr-log-uri': { value: 's3-prefix', in: ['emr', 'log-uri'], description: 'emr: where EMR puts its logs' },
  'emr-staging': {
    value: 's3-prefix',
    in: ['emr', 'staging'],
    usual: 'also-viewed/ under the logs',
    description: 'emr: where jobs, views and results lie meanwhile',
  },
  'emr-cluster': {
    value: 'id',
    in: ['emr', 'cluster'],
    usual: 'one is started, and ended',
    description: 'emr: a running cluster, j-…',
  },
  'emr-release': { value: 'label', in: ['emr', 'release'], usual: 'emr-7.13.0', description: 'emr: release' },
  'emr-primary-type': {
    value: 'type',
    in: ['emr', 'primary-type'],
    usual: 'm5.xlarge',
    description: 'emr: instance type of the primary node',
  },
  'emr-core-type': {
    value: 'type',
    in: ['emr', 'core-type'],
    usual: 'm5.2xlarge',
    description: 'emr: of the core nodes',
  },
  'emr-core-count': { kind: 'count', in: ['emr', 'core-count'], usual: '2', description: 'emr: core nodes' },
  'emr-task-type': {
    value: 'type',
    in: ['emr', 'task-type'],
    usual: 'as core',
    description: 'emr: of the task nodes, spot instances',
  },
  'emr-task-count': { kind: 'count', in: ['emr', 'task-count'], usual: 'none', description: 'emr: task nodes' },
  'emr-subnet': {
    value: 'id',
    in: ['emr', 'subnet'],
    usual: 'the account has a default one',
    description: 'emr: subnet',
  },
  'emr-service-role': {
    value: 'name',
    in: ['emr', 'service-role'],
    usual: 'EMR_DefaultRole',
    description: 'emr: role of the service',
  },
  'emr-instance-profile': {
    value: 'name',
    in: ['emr', 'instance-profile'],
    usual: 'EMR_EC2_DefaultRole',
    description: 'emr: role of the nodes',
  },
  'emr-primary-security-group': {
    value: 'id',
    in: ['emr', 'primary-security-group'],
    usual: 'made by EMR',
    description: 'emr: of the primary node',
  },
  'emr-core-security-group': {
    value: 'id',
    in: ['emr', 'core-security-group'],
    usual: 'made by EMR',
    description: 'emr: of the other nodes',
  },
  'emr-service-security-group': {
    value: 'id',
    in: ['emr', 'service-security-group'],
    description: 'emr: for access from the service to a private subnet',
  },
  'emr-tags': { value: 'name=value,…', in: ['emr', 'tags'], description: 'emr: more tags of the cluster' },
  'emr-idle-minutes': {
    kind: 'count',
    in: ['emr', 'idle-minutes'],
    usual: '10',
    description: 'emr: idle time after which a cluster without a client ends',
  },
  'emr-poll-interval': {
    kind: 'seconds',
    in: ['emr', 'poll-interval'],
    usual: '15',
    description: 'emr: time between two looks at the state',
  },
  'emr-max-hours': {
    kind: 'count',
    in: ['emr', 'max-hours'],
    usual: '12',
    description: 'emr: the longest that a job may take',
  },
  'emr-max-instance-hours': {
    kind: 'count',
    in: ['emr', 'max-instance-hours'],
    usual: '100',
    description: 'emr: the longest that the instances of its cluster may take together',
  },
} as const satisfies Readonly<Record<string, Setting>>;
