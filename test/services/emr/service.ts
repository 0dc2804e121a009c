import { Cluster, type ClusterParts } from './cluster.ts';
import { clusterArn, describeCluster, lifetime, summarizeCluster } from './describe-cluster.ts';
import { checked, type Input, type Operation, type StepConfig } from './inputs.ts';
import { describeInstance, describeInstanceGroup } from './instances.ts';
import { s3Place } from './log-shipper.ts';
import { page } from './paging.ts';
import { invalid, invalidRequest } from './refusal.ts';
import { describeReleaseLabel, hadoopVersion, listReleaseLabels } from './release-labels.ts';
import { describeStep, type Step } from './step.ts';

/** Active and waiting steps of a cluster. */
const maxSteps = 256;
/** Characters of a step's command. */
const maxStepCharacters = 10_240;

/** The operations, on the clusters of one account in one region. */
export class Service {
  readonly clusters: Cluster[] = [];
  readonly #parts: ClusterParts;
  readonly #region: string;

  constructor(parts: ClusterParts, region: string) {
    this.#parts = parts;
    this.#region = region;
  }

  /** @throws Refusal */
  call(operation: Operation, input: unknown): unknown {
    // One line each, so that each has the type of its own input.
    const answers: Record<Operation, () => unknown> = {
      RunJobFlow: () => this.#runJobFlow(checked('RunJobFlow', input)),
      AddJobFlowSteps: () => this.#addJobFlowSteps(checked('AddJobFlowSteps', input)),
      DescribeCluster: () => this.#describeCluster(checked('DescribeCluster', input)),
      DescribeStep: () => this.#describeStep(checked('DescribeStep', input)),
      ListSteps: () => this.#listSteps(checked('ListSteps', input)),
      ListClusters: () => this.#listClusters(checked('ListClusters', input)),
      CancelSteps: () => this.#cancelSteps(checked('CancelSteps', input)),
      TerminateJobFlows: () => this.#terminateJobFlows(checked('TerminateJobFlows', input)),
      SetTerminationProtection: () => this.#setTerminationProtection(checked('SetTerminationProtection', input)),
      PutAutoTerminationPolicy: () => this.#putAutoTerminationPolicy(checked('PutAutoTerminationPolicy', input)),
      ListInstanceGroups: () => this.#listInstanceGroups(checked('ListInstanceGroups', input)),
      ListInstances: () => this.#listInstances(checked('ListInstances', input)),
      ListBootstrapActions: () => this.#listBootstrapActions(checked('ListBootstrapActions', input)),
      ListReleaseLabels: () => listReleaseLabels(checked('ListReleaseLabels', input)),
      DescribeReleaseLabel: () => describeReleaseLabel(checked('DescribeReleaseLabel', input)),
    };
    return answers[operation]();
  }

  #runJobFlow(input: Input<'RunJobFlow'>) {
    const { Name, LogUri, ReleaseLabel, JobFlowRole, ServiceRole, Instances, Steps, StepConcurrencyLevel } = input;
    if (/[<>$|`]/.test(Name)) throw invalid("Cluster name may not contain '<', '>', '$', '|' or '`'.");
    if (ReleaseLabel === undefined)
      throw invalid('Must specify exactly one of the following: release label, AMI version.');
    hadoopVersion(ReleaseLabel);
    if (JobFlowRole === undefined) throw invalid('InstanceProfile is required for creating cluster.');
    if (ServiceRole === undefined) throw invalid('ServiceRole is required for creating cluster.');
    if (LogUri !== undefined && s3Place(LogUri) === undefined)
      throw invalid(`The supplied log URI is invalid: ${LogUri}.`);
    if (Instances.InstanceFleets !== undefined)
      throw invalid('This stand-in knows instance groups only, no instance fleets.');
    const primaries = (Instances.InstanceGroups ?? []).filter(({ InstanceRole }) => InstanceRole === 'MASTER');
    if (primaries.length !== 1) throw invalid('A job flow must have exactly one master instance group.');
    if (![1, 3].includes(primaries[0]?.InstanceCount ?? 0))
      throw invalid('Master instance group must have exactly 3 or 1 instances.');
    checkSteps(Steps, StepConcurrencyLevel);
    const slashed = LogUri === undefined ? {} : { LogUri: LogUri.replace(/\/*$/, '/') };
    const cluster = new Cluster({ ...input, ...slashed }, this.#parts);
    this.clusters.push(cluster);
    return { JobFlowId: cluster.id, ClusterArn: clusterArn(cluster.id, this.#region) };
  }

  #addJobFlowSteps({ JobFlowId, Steps }: Input<'AddJobFlowSteps'>) {
    const cluster = this.#jobFlow(JobFlowId);
    if (!cluster.isAlive)
      throw invalid('A job flow that is shutting down, terminated, or finished may not be modified.');
    const active = cluster.steps.filter(({ state }) => ['PENDING', 'RUNNING', 'CANCEL_PENDING'].includes(state));
    checkSteps(Steps, cluster.request.StepConcurrencyLevel, active.length);
    return { StepIds: cluster.addSteps(Steps) };
  }

  #describeCluster({ ClusterId }: Input<'DescribeCluster'>) {
    return { Cluster: describeCluster(this.#cluster(ClusterId), this.#region) };
  }

  #describeStep({ ClusterId, StepId }: Input<'DescribeStep'>) {
    return { Step: describeStep(step(this.#cluster(ClusterId), StepId)) };
  }

  #listSteps({ ClusterId, StepStates, StepIds, Marker }: Input<'ListSteps'>) {
    const matching = this.#cluster(ClusterId).steps.filter(
      ({ id, state }) => (StepStates?.includes(state) ?? true) && (StepIds?.includes(id) ?? true),
    );
    const { entries, marker } = page(matching.reverse(), Marker);
    return { Steps: entries.map(describeStep), Marker: marker };
  }

  #listClusters({ CreatedAfter = 0, CreatedBefore = Infinity, ClusterStates, Marker }: Input<'ListClusters'>) {
    const matching = this.clusters.filter(({ state, created }) => {
      const seconds = created.getTime() / 1_000;
      return (ClusterStates?.includes(state) ?? true) && seconds >= CreatedAfter && seconds <= CreatedBefore;
    });
    const { entries, marker } = page(matching.reverse(), Marker);
    return { Clusters: entries.map((cluster) => summarizeCluster(cluster, this.#region)), Marker: marker };
  }

  #cancelSteps({ ClusterId, StepIds, StepCancellationOption }: Input<'CancelSteps'>) {
    const cluster = this.#cluster(ClusterId);
    const steps = StepIds.map((id) => step(cluster, id));
    const infos = steps.map((each) => {
      const { id, state } = each;
      if (cluster.cancelStep(each, StepCancellationOption)) return { StepId: id, Status: 'SUBMITTED' };
      return { StepId: id, Status: 'FAILED', Reason: `Cannot cancel a step in state ${state}.` };
    });
    return { CancelStepsInfoList: infos };
  }

  #terminateJobFlows({ JobFlowIds }: Input<'TerminateJobFlows'>): undefined {
    const clusters = JobFlowIds.map((id) => this.#jobFlow(id));
    if (clusters.some(({ terminationProtected }) => terminationProtected)) {
      throw invalid('Could not shut down one or more job flows since they are termination protected.');
    }
    for (const cluster of clusters) cluster.terminate({ Code: 'USER_REQUEST', Message: 'Terminated by user request' });
  }

  #setTerminationProtection({ JobFlowIds, TerminationProtected }: Input<'SetTerminationProtection'>): undefined {
    for (const cluster of JobFlowIds.map((id) => this.#jobFlow(id)))
      cluster.terminationProtected = TerminationProtected;
  }

  #putAutoTerminationPolicy({ ClusterId, AutoTerminationPolicy }: Input<'PutAutoTerminationPolicy'>) {
    this.#cluster(ClusterId).setIdleTimeout(AutoTerminationPolicy?.IdleTimeout);
    return {};
  }

  #listInstanceGroups({ ClusterId, Marker }: Input<'ListInstanceGroups'>) {
    const cluster = this.#cluster(ClusterId);
    const { entries, marker } = page(cluster.groups, Marker);
    return { InstanceGroups: entries.map((group) => describeInstanceGroup(group, lifetime(cluster))), Marker: marker };
  }

  #listInstances({ ClusterId, InstanceGroupId, InstanceGroupTypes, InstanceStates, Marker }: Input<'ListInstances'>) {
    const cluster = this.#cluster(ClusterId);
    const states: readonly string[] | undefined = InstanceStates;
    const matching = cluster.groups
      .filter(({ id }) => InstanceGroupId === undefined || id === InstanceGroupId)
      .filter(({ config }) => InstanceGroupTypes?.includes(config.InstanceRole) ?? true)
      .flatMap((group) => group.instances.map((instance) => describeInstance(group, instance, lifetime(cluster))))
      .filter(({ Status }) => states?.includes(Status.State) ?? true);
    const { entries, marker } = page(matching, Marker);
    return { Instances: entries, Marker: marker };
  }

  #listBootstrapActions({ ClusterId, Marker }: Input<'ListBootstrapActions'>) {
    const { entries, marker } = page(this.#cluster(ClusterId).request.BootstrapActions, Marker);
    const actions = entries.map(({ Name, ScriptBootstrapAction: { Path, Args } }) => ({
      Name,
      ScriptPath: Path,
      Args,
    }));
    return { BootstrapActions: actions, Marker: marker };
  }

  /** By a ClusterId; the older operations word a wrong one differently. */
  #cluster(id: string): Cluster {
    const cluster = this.clusters.find((each) => each.id === id);
    if (cluster === undefined) throw invalidRequest(`Cluster id '${id}' is not valid.`, 'NoSuchCluster');
    return cluster;
  }

  /** By a JobFlowId. */
  #jobFlow(id: string): Cluster {
    const cluster = this.clusters.find((each) => each.id === id);
    if (cluster === undefined) throw invalid('Specified job flow ID does not exist.');
    return cluster;
  }
}

function step(cluster: Cluster, id: string): Step {
  const found = cluster.steps.find((each) => each.id === id);
  if (found === undefined) throw invalidRequest(`Step id '${id}' is not valid.`);
  return found;
}

function checkSteps(steps: readonly StepConfig[], concurrency: number, active = 0): void {
  if (active + steps.length > maxSteps) {
    throw invalid(
      "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') for cluster exceeded.",
    );
  }
  for (const { Name, ActionOnFailure, HadoopJarStep } of steps) {
    const { Jar, MainClass = '', Args, Properties } = HadoopJarStep;
    const words = [Jar, MainClass, ...Args, ...Properties.flatMap(({ Key, Value }) => [Key, Value])];
    const characters = words.reduce((sum, word) => sum + word.length, 0);
    if (characters > maxStepCharacters) {
      throw invalid(`Step '${Name}' has ${characters} characters: the limit is ${maxStepCharacters}.`);
    }
    if (concurrency > 1 && ActionOnFailure !== 'CONTINUE') {
      throw invalid(`ActionOnFailure ${ActionOnFailure} is not supported with a StepConcurrencyLevel greater than 1.`);
    }
  }
}
