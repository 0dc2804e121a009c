import { describe, expect, test } from 'vitest';
import { clusterRequest } from '#dist/engine/emr/cluster-request.js';
import { emrPlace } from '#dist/engine/emr/emr-settings.js';

const logs = { emrLogUri: 's3://bucket/logs' };
const inRegion = { AWS_REGION: 'eu-central-1' };

describe('the request for a cluster', () => {
  test('of a region and a place for logs alone is complete', () => {
    const place = emrPlace(logs, inRegion);
    const request = clusterRequest(place.nodes, 'RUN', place.logUri, 's3://bucket/bootstrap.sh', 256 << 20);
    expect(JSON.parse(JSON.stringify(request))).toEqual({
      Name: 'also-viewed RUN',
      LogUri: 's3://bucket/logs/',
      ReleaseLabel: expect.stringMatching(/^emr-7\.\d+\.0$/),
      Applications: [{ Name: 'Hadoop' }],
      Instances: {
        InstanceGroups: [
          { Name: 'primary', InstanceRole: 'MASTER', Market: 'ON_DEMAND', InstanceType: 'm5.xlarge', InstanceCount: 1 },
          { Name: 'core', InstanceRole: 'CORE', Market: 'ON_DEMAND', InstanceType: 'm5.2xlarge', InstanceCount: 2 },
        ],
        KeepJobFlowAliveWhenNoSteps: true,
        TerminationProtected: false,
      },
      BootstrapActions: [
        { Name: 'install Node.js', ScriptBootstrapAction: { Path: 's3://bucket/bootstrap.sh', Args: [] } },
      ],
      Configurations: [
        {
          Classification: 'mapred-site',
          Properties: {
            'mapreduce.map.memory.mb': '1408',
            'mapreduce.map.java.opts': '-Xmx768m',
            'mapreduce.reduce.memory.mb': '1920',
            'mapreduce.reduce.java.opts': '-Xmx1024m',
          },
        },
      ],
      AutoTerminationPolicy: { IdleTimeout: 600 },
      VisibleToAllUsers: true,
      ServiceRole: 'EMR_DefaultRole',
      JobFlowRole: 'EMR_EC2_DefaultRole',
      StepConcurrencyLevel: 1,
      Tags: [
        { Key: 'also-viewed', Value: expect.stringMatching(/^\d+\.\d+\.\d+/) },
        { Key: 'also-viewed:run', Value: 'RUN' },
      ],
    });
  });

  test('takes spot instances for task nodes only', () => {
    const { nodes, logUri } = emrPlace({ ...logs, emrTaskCount: 8, emrCoreType: 'r6g.xlarge' }, inRegion);
    const { Instances } = clusterRequest(nodes, 'RUN', logUri, 's3://b/s', 1);
    expect(
      Instances?.InstanceGroups?.map(({ InstanceRole, Market, InstanceType }) => [InstanceRole, Market, InstanceType]),
    ).toEqual([
      ['MASTER', 'ON_DEMAND', 'm5.xlarge'],
      ['CORE', 'ON_DEMAND', 'r6g.xlarge'],
      ['TASK', 'SPOT', 'r6g.xlarge'],
    ]);
  });

  test('carries network, roles and tags', () => {
    const settings = {
      ...logs,
      emrSubnet: 'subnet-1',
      emrPrimarySecurityGroup: 'sg-1',
      emrCoreSecurityGroup: 'sg-2',
      emrServiceSecurityGroup: 'sg-3',
      emrServiceRole: 'service',
      emrInstanceProfile: 'nodes',
      emrTags: 'team=shop, cost-centre=42,empty=',
    };
    const { nodes, logUri } = emrPlace(settings, inRegion);
    expect(clusterRequest(nodes, 'RUN', logUri, 's3://b/s', 1)).toMatchObject({
      Instances: {
        Ec2SubnetId: 'subnet-1',
        EmrManagedMasterSecurityGroup: 'sg-1',
        EmrManagedSlaveSecurityGroup: 'sg-2',
        ServiceAccessSecurityGroup: 'sg-3',
      },
      ServiceRole: 'service',
      JobFlowRole: 'nodes',
      Tags: [
        { Key: 'also-viewed' },
        { Key: 'also-viewed:run' },
        { Key: 'team', Value: 'shop' },
        { Key: 'cost-centre', Value: '42' },
        { Key: 'empty', Value: '' },
      ],
    });
  });
});

test('the staging lies under the logs unless it is set', () => {
  expect(emrPlace(logs, inRegion).staging).toBe('s3://bucket/logs/also-viewed/');
  expect(emrPlace({ ...logs, emrStaging: 's3://other' }, inRegion).staging).toBe('s3://other/');
});

test.each([
  [{}, inRegion, /emr-log-uri is not set/],
  [logs, {}, /no region is set/],
  [{ emrLogUri: '/logs' }, inRegion, /must be s3:\/\/bucket\/prefix/],
  [{ ...logs, emrTags: 'aws:x=1' }, inRegion, /a tag is name=value/],
  [{ ...logs, emrCluster: 'cluster' }, inRegion, /begins with j-/],
  [{ ...logs, emrIdleMinutes: 20_000 }, inRegion, /10080 minutes/],
])('settings that cannot work are 78: %j', (settings, env, message) => {
  expect(() => emrPlace(settings, env)).toThrow(message);
});
