import * as v from 'valibot';
import { invalid } from './refusal.ts';

// Members that the stand-in does not look at are kept: a test may ask for them.

/** Text as the API reference's pattern allows it. */
const text = v.pipe(
  v.string(),
  v.maxLength(10_280),
  v.regex(/^[\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}\r\n\t]*$/u),
);
const flag = v.boolean();
const date = v.number();
const list = <T extends v.GenericSchema>(schema: T) => v.optional(v.array(schema));

const tag = v.object({
  Key: v.pipe(v.string(), v.maxLength(128)),
  Value: v.optional(v.pipe(v.string(), v.maxLength(256)), ''),
});

const step = v.looseObject({
  Name: v.pipe(text, v.maxLength(256)),
  ActionOnFailure: v.optional(
    v.picklist(['TERMINATE_JOB_FLOW', 'TERMINATE_CLUSTER', 'CANCEL_AND_WAIT', 'CONTINUE']),
    'TERMINATE_CLUSTER',
  ),
  HadoopJarStep: v.looseObject({
    Jar: text,
    MainClass: v.optional(text),
    Args: v.optional(v.array(text), []),
    Properties: v.optional(v.array(v.object({ Key: text, Value: text })), []),
  }),
});

const market = v.picklist(['ON_DEMAND', 'SPOT']);
const role = v.picklist(['MASTER', 'CORE', 'TASK']);

const instanceGroup = v.looseObject({
  Name: v.optional(text),
  Market: v.optional(market, 'ON_DEMAND'),
  InstanceRole: role,
  BidPrice: v.optional(text),
  InstanceType: v.pipe(v.string(), v.minLength(1), v.maxLength(256)),
  InstanceCount: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

const autoTermination = v.object({
  IdleTimeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(60), v.maxValue(604_800)), 3_600),
});

const clusterState = v.picklist([
  ...['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING', 'TERMINATED', 'TERMINATED_WITH_ERRORS'],
] as const);

const clusterId = v.object({ ClusterId: v.string() });
const clusterIds = v.object({ JobFlowIds: v.array(v.string()) });
const marker = v.optional(v.string());

/** What each operation takes. */
export const inputs = {
  RunJobFlow: v.looseObject({
    Name: text,
    LogUri: v.optional(text),
    ReleaseLabel: v.optional(text),
    Instances: v.looseObject({
      InstanceGroups: list(instanceGroup),
      InstanceFleets: list(v.looseObject({})),
      KeepJobFlowAliveWhenNoSteps: v.optional(flag, false),
      TerminationProtected: v.optional(flag, false),
      Ec2SubnetId: v.optional(text),
      Ec2SubnetIds: list(text),
      EmrManagedMasterSecurityGroup: v.optional(text),
      EmrManagedSlaveSecurityGroup: v.optional(text),
      ServiceAccessSecurityGroup: v.optional(text),
    }),
    Steps: v.optional(v.array(step), []),
    BootstrapActions: v.optional(
      v.array(
        v.object({
          Name: v.pipe(text, v.maxLength(256)),
          ScriptBootstrapAction: v.object({ Path: text, Args: v.optional(v.array(text), []) }),
        }),
      ),
      [],
    ),
    Applications: v.optional(v.array(v.looseObject({ Name: text })), []),
    Configurations: v.optional(v.array(v.looseObject({ Classification: text })), []),
    VisibleToAllUsers: v.optional(flag, true),
    JobFlowRole: v.optional(text),
    ServiceRole: v.optional(text),
    Tags: v.optional(v.array(tag), []),
    StepConcurrencyLevel: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(256)), 1),
    AutoTerminationPolicy: v.optional(autoTermination),
  }),
  AddJobFlowSteps: v.looseObject({ JobFlowId: v.string(), Steps: v.array(step) }),
  DescribeCluster: clusterId,
  DescribeStep: v.object({ ClusterId: v.string(), StepId: v.string() }),
  ListSteps: v.object({
    ClusterId: v.string(),
    StepStates: list(
      v.picklist(['PENDING', 'CANCEL_PENDING', 'RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED', 'INTERRUPTED']),
    ),
    StepIds: v.optional(v.pipe(v.array(v.string()), v.maxLength(10))),
    Marker: marker,
  }),
  ListClusters: v.object({
    CreatedAfter: v.optional(date),
    CreatedBefore: v.optional(date),
    ClusterStates: list(clusterState),
    Marker: marker,
  }),
  CancelSteps: v.object({
    ClusterId: v.string(),
    StepIds: v.pipe(v.array(v.string()), v.maxLength(256)),
    StepCancellationOption: v.optional(v.picklist(['SEND_INTERRUPT', 'TERMINATE_PROCESS']), 'SEND_INTERRUPT'),
  }),
  TerminateJobFlows: clusterIds,
  SetTerminationProtection: v.object({ JobFlowIds: v.array(v.string()), TerminationProtected: flag }),
  PutAutoTerminationPolicy: v.object({ ClusterId: v.string(), AutoTerminationPolicy: v.optional(autoTermination) }),
  ListInstanceGroups: v.object({ ClusterId: v.string(), Marker: marker }),
  ListInstances: v.object({
    ClusterId: v.string(),
    InstanceGroupId: v.optional(v.string()),
    InstanceGroupTypes: list(role),
    InstanceStates: list(
      v.picklist(['AWAITING_FULFILLMENT', 'PROVISIONING', 'BOOTSTRAPPING', 'RUNNING', 'TERMINATED']),
    ),
    Marker: marker,
  }),
  ListBootstrapActions: v.object({ ClusterId: v.string(), Marker: marker }),
  ListReleaseLabels: v.object({
    Filters: v.optional(v.object({ Prefix: v.optional(v.string()), Application: v.optional(v.string()) })),
    NextToken: v.optional(v.string()),
    MaxResults: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  }),
  DescribeReleaseLabel: v.object({ ReleaseLabel: v.optional(v.string()), NextToken: v.optional(v.string()) }),
};

export type Operation = keyof typeof inputs;
export type Input<O extends Operation> = v.InferOutput<(typeof inputs)[O]>;
export type StepConfig = v.InferOutput<typeof step>;
export type InstanceGroupConfig = v.InferOutput<typeof instanceGroup>;
export type ClusterState = v.InferOutput<typeof clusterState>;

export function isOperation(name: string): name is Operation {
  return Object.hasOwn(inputs, name);
}

/** The checked input; whatever the API reference's types, lengths and enumerations forbid is refused in the service's words. */
export function checked<O extends Operation>(operation: O, input: unknown): Input<O>;
export function checked(operation: Operation, input: unknown): unknown {
  const result = v.safeParse(inputs[operation], input);
  if (result.success) return result.output;
  const problems = result.issues.map(
    (issue) => `${found(issue)} at '${place(issue)}' failed to satisfy constraint: ${must(issue)}`,
  );
  throw invalid(
    `${problems.length} validation error${problems.length > 1 ? 's' : ''} detected: ${problems.join('; ')}`,
  );
}

function found({ input }: v.BaseIssue<unknown>): string {
  return input === undefined
    ? 'Value null'
    : `Value '${typeof input === 'object' ? JSON.stringify(input) : String(input)}'`;
}

/** `steps.1.member.actionOnFailure` */
function place({ path }: v.BaseIssue<unknown>): string {
  return (path ?? [])
    .map(({ key }) =>
      typeof key === 'number' ? `${key + 1}.member` : String(key).replace(/^./, (c) => c.toLowerCase()),
    )
    .join('.');
}

function must({ kind, type, expected, requirement, input }: v.BaseIssue<unknown>): string {
  if (input === undefined) return 'Member must not be null';
  const limit = String(requirement);
  switch (type) {
    case 'picklist':
      return `Member must satisfy enum value set: [${expected?.replaceAll(/[()"]/g, '').replaceAll(' | ', ', ')}]`;
    case 'max_length':
      return `Member must have length less than or equal to ${limit}`;
    case 'min_length':
      return `Member must have length greater than or equal to ${limit}`;
    case 'max_value':
      return `Member must have value less than or equal to ${limit}`;
    case 'min_value':
      return `Member must have value greater than or equal to ${limit}`;
    case 'regex':
      return `Member must satisfy regular expression pattern: ${limit}`;
    default:
      return `Member must be ${kind === 'schema' ? type : expected}`;
  }
}
