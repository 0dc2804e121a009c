import type { Effects } from '../../effects.ts';
import { inFolder } from '../../storage/storage.ts';
import { type PhaseContext, runPhase } from './emr-phases.ts';

/** The oldest Node.js that runs the jobs. */
const oldest = 20;

const program = `process.stdin.resume();if(parseInt(process.versions.node)<${oldest})throw new Error(\`Node.js ${oldest} or newer is needed and this is \${process.version}\`)`;

/**
 * Runs a job of one small task that needs Node.js on a node of the cluster: bootstrap actions do not run on a cluster that is up already.
 *
 * @throws ExpectedFailure when the nodes have no Node.js, or an old one
 */
export async function checkNode(context: PhaseContext, effects: Effects): Promise<void> {
  const input = await context.staging.write('node-check.txt', 'also-viewed\n');
  await runPhase(
    context,
    'node-check',
    [
      ...['-D', 'mapreduce.job.name=also-viewed node-check', '-D', 'mapreduce.job.reduces=0'],
      ...['-input', input, '-output', inFolder(context.staging.run, 'node-check')],
      ...['-mapper', `node -e '${program}'`],
    ],
    effects,
  );
}
