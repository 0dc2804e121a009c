import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** What a command took: seconds of wall clock, seconds of processor time of all its processes, MB of the largest of them. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
  readonly rss: number;
}

/** Runs a shell command in `folder` and measures it, by the operating system's accounting. */
export async function measure(
  command: string,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Cost> {
  const figures = path.join(folder, 'figures');
  await promisify(execFile)('/usr/bin/time', ['-o', figures, '-f', '%e %U %S %M', 'sh', '-c', command], {
    cwd: folder,
    env: { ...process.env, ...env },
  });
  const [wall = 0, user = 0, system = 0, kilobytes = 0] = (await readFile(figures, 'utf8')).split(' ').map(Number);
  return { wall, cpu: user + system, rss: kilobytes / 1_000 };
}

export async function digestOf(file: string): Promise<string> {
  const digest = createHash('sha256');
  await once(createReadStream(file, { highWaterMark: 1 << 20 }).pipe(digest), 'finish');
  return digest.digest('hex');
}

/** Prints the medians of each command, with ratios to the last one before it that `isPeer`. */
export function printCosts(costs: ReadonlyMap<string, readonly Cost[]>, isPeer: (name: string) => boolean): void {
  console.log(line(['', 'wall s', 'ratio', 'cpu s', 'ratio', 'peak MB']));
  let peer: Cost | undefined;
  for (const [name, each] of costs) {
    const cost = {
      wall: median(each.map(({ wall }) => wall)),
      cpu: median(each.map(({ cpu }) => cpu)),
      rss: median(each.map(({ rss }) => rss)),
    };
    peer = isPeer(name) ? cost : peer;
    const ratio = (of: 'wall' | 'cpu'): string => (peer === undefined ? '' : (cost[of] / peer[of]).toFixed(2));
    console.log(
      line([name, cost.wall.toFixed(2), ratio('wall'), cost.cpu.toFixed(2), ratio('cpu'), cost.rss.toFixed(0)]),
    );
  }
  console.log();
}

function line([name = '', ...figures]: readonly string[]): string {
  return name.padEnd(28) + figures.map((figure) => figure.padStart(9)).join('');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
