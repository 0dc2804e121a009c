import { counterGroup } from '../../streaming/counters.ts';
import { rejectionPrefix } from '../../streaming/map-pairs.ts';
import { logPrefix } from '../../streaming/task.ts';

/** What a job's client said. */
export interface JobReport {
  /** Counters of our own group, summed over all tasks. */
  readonly counters: ReadonlyMap<string, number>;
  /** What the tasks said about rejected rows, where their output reaches the client. */
  readonly rejections: readonly string[];
}

/**
 * Reads the counters of a finished job. The client of LocalJobRunner prints those of every attempt before ("Final Counters for attempt …"):
 * only what follows the line of the job itself counts.
 */
export function readReport(lines: readonly string[]): JobReport {
  const counters = new Map<string, number>();
  const start = lines.findLastIndex((line) => / mapreduce\.Job: Counters: \d+$/.test(line));
  let group = '';
  for (const line of start === -1 ? [] : lines.slice(start + 1)) {
    const groupName = /^\t([^\t].*?)\s*$/.exec(line)?.[1];
    const counter = /^\t\t(.+)=(-?\d+)$/.exec(line);
    if (counter?.[1] !== undefined && group === counterGroup) {
      counters.set(counter[1], Number(counter[2]));
    } else if (groupName !== undefined && counter === null) {
      group = groupName;
    } else if (counter === null) {
      break;
    }
  }
  return { counters, rejections: rejectionsOf(lines) };
}

const rejection = `${logPrefix}${rejectionPrefix}`;

/** The rejected rows that tasks tell of, as lines of the file of rejected rows; an attempt that was repeated told of them twice. */
export function rejectionsOf(lines: readonly string[]): string[] {
  const told = lines.filter((line) => line.startsWith(rejection)).map((line) => line.slice(rejection.length));
  return [...new Set(told)];
}

/** Progress of a job from a line of its client: percent of the maps and of the reduces. */
export function progressOf(line: string): { readonly map: number; readonly reduce: number } | undefined {
  const match = / map (\d+)% reduce (\d+)%/.exec(line);
  return match === null ? undefined : { map: Number(match[1]), reduce: Number(match[2]) };
}

/**
 * The YARN application of the job that a line of the client names; a job has the numbers of its application. The client names the job before
 * it submits the application. A job of LocalJobRunner (job_local1_0001) has none.
 */
export function applicationOf(line: string): string | undefined {
  const numbers = /\b(?:job|application)_(\d+_\d+)/.exec(line)?.[1];
  return numbers === undefined ? undefined : `application_${numbers}`;
}
