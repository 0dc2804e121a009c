import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Faults } from './faults.ts';
import type { LogShipper } from './log-shipper.ts';
import type { PrimaryNode } from './primary-node.ts';
import { runProcess } from './run-process.ts';
import type { Step, StepFailure } from './step.ts';

const runner = '/var/lib/aws/emr/step-runner/hadoop-jars/command-runner.jar';

/** Where the node keeps the logs of a step. */
export function stepLogs(node: PrimaryNode, step: Step): string {
  return path.join(node.folder, 'steps', step.id, 'logs');
}

/**
 * Runs the command of a step as the primary node does: in a folder of its own, with the environment of Amazon EMR, in which Hadoop's log goes to
 * the file `syslog` and not to standard error. Writes the step's logs.
 *
 * @returns why it failed, or `undefined` when its exit code is 0
 */
export async function runStep(
  node: PrimaryNode,
  step: Step,
  { faults, logs, signal }: { faults: Faults; logs: LogShipper; signal: AbortSignal },
): Promise<StepFailure | undefined> {
  const folder = path.join(node.folder, 'steps', step.id);
  const logFolder = stepLogs(node, step);
  const [work, tmp] = [path.join(folder, 'work'), path.join(folder, 'tmp')];
  await Promise.all([work, tmp, logFolder].map((each) => mkdir(each, { recursive: true })));
  const file = (name: string) => path.join(logFolder, name);
  const say = (lines: string) => appendFile(file('controller'), lines);
  await Promise.all(['stdout', 'stderr', 'syslog'].map((name) => appendFile(file(name), '')));

  const { Jar, Args } = step.config.HadoopJarStep;
  const line = `hadoop jar ${runner} ${Args.join(' ')}`;
  const now = () => new Date().toISOString();
  await say(`${now()} INFO Ensure step 1 jar file ${Jar}\n`);
  if (Jar !== 'command-runner.jar') {
    await say(`INFO Failed to download: ${Jar}\n${now()} WARN Step failed with exitCode -1 and took 0 seconds\n`);
    return {
      Reason: 'Unable to find the jar file.',
      Message: `${Jar}: this stand-in has command-runner.jar alone`,
      ...logFile(logs, step, 'controller'),
    };
  }
  const env = {
    ...node.env,
    TMPDIR: tmp,
    HADOOP_ROOT_LOGGER: 'INFO,DRFA',
    HADOOP_LOG_DIR: logFolder,
    HADOOP_LOGFILE: 'syslog',
    ...faults.stepEnvironment,
  };
  await say(
    `INFO StepRunner: Created Runner for step 1\nINFO startExec '${line}'\nINFO Working dir ${work}\nINFO Synchronously wait child process to complete : ${line}\n`,
  );
  const start = performance.now();
  const [command = 'true', ...args] = faults.stepsHang ? ['sleep', 'infinity'] : Args;
  const code = await runProcess(
    { command, args, env, cwd: work, stdout: file('stdout'), stderr: file('stderr') },
    signal,
  );
  const seconds = Math.round((performance.now() - start) / 1_000);
  await say(
    `INFO waitProcessCompleted ended with exit code ${code} : ${line}\nINFO total process run time: ${seconds} seconds\n`,
  );
  if (code === 0) {
    await say(`${now()} INFO Step succeeded with exitCode 0 and took ${seconds} seconds\n`);
    return undefined;
  }
  await say(`${now()} WARN Step failed with exitCode ${code} and took ${seconds} seconds\n`);
  const said = (await Promise.all(['stderr', 'syslog'].map((name) => readFile(file(name), 'utf8')))).join('\n');
  const exists = /^.*Output directory \S+ already exists.*$/m.exec(said)?.[0];
  return exists === undefined
    ? { Reason: 'Unknown Error.', ...logFile(logs, step, 'stderr') }
    : { Reason: 'Output directory already exists.', Message: exists, ...logFile(logs, step, 'syslog') };
}

function logFile(logs: LogShipper, step: Step, name: string) {
  const LogFile = logs.addressOf(`/steps/${step.id}/${name}`);
  return LogFile === undefined ? {} : { LogFile };
}
