import type { InstanceGroupConfig, RunJobFlowCommandInput } from '@aws-sdk/client-emr';
import { version } from '../../version.ts';
import type { ClusterNodes } from './emr-settings.ts';

/** Tags by which clusters of this tool, and that of a run, are found again. */
export const toolTag = 'also-viewed';
export const runTag = 'also-viewed:run';

/** The name of a run's cluster. EMR allows none of `<>$|` and the backtick in it; ids of runs have none. */
export function clusterName(run: string): string {
  return `also-viewed ${run}`;
}

/** What a task's process of Java needs: it only moves bytes between HDFS, S3 and Node.js. In MiB. */
const heapMb = { map: 768, reduce: 1024 };

/** Memory of a container beside the heap of Java: Java's own, and a Node.js process around its bound. In MiB. */
const besideMb = { map: 640, reduce: 640 };

/**
 * The request that starts a cluster for one run. It stays up between the steps and ends when it had none for the idle time, so that it ends by
 * itself also when its client is lost. Only task nodes are spot instances: a lost core node takes the shuffled data with it.
 *
 * @param memory bytes that a reducer may keep
 * @param bootstrap address of the script that installs Node.js
 */
export function clusterRequest(
  nodes: ClusterNodes,
  run: string,
  logUri: string,
  bootstrap: string,
  memory: number,
): RunJobFlowCommandInput {
  const groups: InstanceGroupConfig[] = [
    {
      Name: 'primary',
      InstanceRole: 'MASTER',
      Market: 'ON_DEMAND',
      InstanceType: nodes.primaryType,
      InstanceCount: 1,
    },
    {
      Name: 'core',
      InstanceRole: 'CORE',
      Market: 'ON_DEMAND',
      InstanceType: nodes.coreType,
      InstanceCount: nodes.coreCount,
    },
  ];
  if (nodes.taskCount > 0) {
    groups.push({
      Name: 'task',
      InstanceRole: 'TASK',
      Market: 'SPOT',
      InstanceType: nodes.taskType,
      InstanceCount: nodes.taskCount,
    });
  }
  return {
    Name: clusterName(run),
    LogUri: logUri,
    ReleaseLabel: nodes.release,
    Applications: [{ Name: 'Hadoop' }],
    Instances: {
      InstanceGroups: groups,
      KeepJobFlowAliveWhenNoSteps: true,
      TerminationProtected: false,
      Ec2SubnetId: nodes.subnet,
      EmrManagedMasterSecurityGroup: nodes.primarySecurityGroup,
      EmrManagedSlaveSecurityGroup: nodes.coreSecurityGroup,
      ServiceAccessSecurityGroup: nodes.serviceSecurityGroup,
    },
    BootstrapActions: [{ Name: 'install Node.js', ScriptBootstrapAction: { Path: bootstrap, Args: [] } }],
    Configurations: [{ Classification: 'mapred-site', Properties: memoryProperties(memory) }],
    AutoTerminationPolicy: { IdleTimeout: 60 * nodes.idleMinutes },
    VisibleToAllUsers: true,
    ServiceRole: nodes.serviceRole,
    JobFlowRole: nodes.instanceProfile,
    StepConcurrencyLevel: 1,
    Tags: [[toolTag, version] as const, [runTag, run] as const, ...nodes.tags].map(([Key, Value]) => ({ Key, Value })),
  };
}

/** YARN ends a container that takes more memory than it asked for; the defaults of EMR know nothing of the Node.js process beside Java. */
function memoryProperties(memory: number): Record<string, string> {
  const reduceMb = heapMb.reduce + besideMb.reduce + Math.ceil(memory / 2 ** 20);
  return {
    'mapreduce.map.memory.mb': String(heapMb.map + besideMb.map),
    'mapreduce.map.java.opts': `-Xmx${heapMb.map}m`,
    'mapreduce.reduce.memory.mb': String(reduceMb),
    'mapreduce.reduce.java.opts': `-Xmx${heapMb.reduce}m`,
  };
}
