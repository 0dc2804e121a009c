import { logPrefix, splitPrefix } from '../../streaming/task.ts';
import { applicationOf } from './job-report.ts';

/** What was found out about a failed job. */
export interface Explanation {
  /** The probable cause, in a paragraph. */
  readonly cause: string;
  readonly remedy: string;
  /** Whether the cause is more than the first lines that speak of an error. */
  readonly certain: boolean;
}

const causes: readonly {
  readonly pattern: RegExp;
  readonly cause: (match: RegExpExecArray) => string;
  readonly remedy: string;
}[] = [
  {
    pattern: /Cannot run program "([^"]+)"/,
    cause: (match) => `the nodes cannot run ${match[1]}`,
    remedy: 'Install Node.js on every node, in a folder of the PATH that tasks have, or send it with --node-archive.',
  },
  {
    pattern: /Output directory (\S+) already exists/,
    cause: (match) => `the output directory ${match[1]} already exists`,
    remedy: 'Remove it and run again.',
  },
  {
    pattern: /Input path does not exist: (\S+)/,
    cause: (match) => `there is no input ${match[1]}`,
    remedy: 'Check the address of the views.',
  },
  {
    pattern: /(Connection refused|UnknownHostException|NoRouteToHostException)[^\n]*/,
    cause: (match) => `the cluster cannot be reached (${match[0]})`,
    remedy: 'Check that the cluster is up and that the configuration of this client names it.',
  },
  {
    pattern: /(AccessControlException|AccessDeniedException|Permission denied)[^\n]*/,
    cause: (match) => `access was denied (${match[0]})`,
    remedy: 'Check the permissions of the folders and of the user.',
  },
  {
    pattern:
      /Container \S+ is running (\d+B )?beyond (the '(PHYSICAL|VIRTUAL)' memory limit|physical memory limits)[^\n]*/,
    cause: (match) => match[0],
    remedy: 'Give the tasks more memory: --hadoop-property mapreduce.reduce.memory.mb=2048.',
  },
];

const splitLine = `${logPrefix}${splitPrefix}`;

/** A JavaScript error, as Node.js prints it on standard error before its stack. Clients of YARN say `Error: java.lang.…`. */
const nodeError = /^(?:\w*Error|Error \[\w+\])(?:: (?!(?:java|javax|org)\.).*)?$/;

/**
 * Finds the probable cause of a failed job in the lines of its client: Node's own error and stack when a task failed, else what Hadoop is known
 * to say, else its first error lines.
 */
export function explainFailure(lines: readonly string[]): Explanation {
  const stackAt = lines.findIndex((line) => nodeError.test(line));
  // The client often misses the last attempt, and names its task only.
  const attempt = lastMatch(lines, /\battempt_\w+/) ?? lastMatch(lines, /\btask_\d+_\d+_[mr]_\d+/);
  if (stackAt !== -1) {
    const stack = lines.slice(stackAt, stackAt + 12);
    const end = stack.findIndex((line, at) => at > 0 && !/^\s+at /.test(line));
    const split = lines.find((line) => line.startsWith(splitLine))?.slice(splitLine.length);
    const where = [attempt, split && `input split ${split}`].filter((part) => part !== undefined).join(', ');
    return {
      cause: `a task failed${where === '' ? '' : ` (${where})`}:\n${stack.slice(0, end === -1 ? stack.length : end).join('\n')}`,
      remedy: 'This is a fault of also-viewed or of its settings; the stack says where.',
      certain: true,
    };
  }
  const text = lines.join('\n');
  for (const { pattern, cause, remedy } of causes) {
    const match = pattern.exec(text);
    if (match !== null) {
      return { cause: cause(match), remedy, certain: true };
    }
  }
  const errors = lines.filter((line) => /\b(ERROR|FATAL|Exception|Error)\b/.test(line)).slice(0, 5);
  const application = lines.map(applicationOf).findLast((found) => found !== undefined);
  return {
    cause: errors.length > 0 ? errors.join('\n') : lines.slice(-5).join('\n'),
    remedy:
      application === undefined
        ? 'The log of the job has the rest: run again with --verbose.'
        : `The logs of its tasks have the rest: yarn logs -applicationId ${application}.`,
    certain: false,
  };
}

function lastMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  return lines.map((line) => pattern.exec(line)?.[0]).findLast((found) => found !== undefined);
}
