import path from 'node:path';
import { duration } from '../../duration.ts';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import type { FormatNumber } from '../../report/format-rows.ts';
import { type Room, roomIn } from '../../storage/free-bytes.ts';
import { storageOf } from '../../storage/storage.ts';
import type { RelateJob } from '../engine.ts';
import type { DistinctParts } from './distinct-parts.ts';
import type { Estimate } from './estimate.ts';

/** Jobs that are shorter begin without being announced. */
const secondsWorthTelling = 5;

/** What relating will take, and whether there is room for it. */
export interface LocalPlan {
  readonly estimate: Estimate;
  readonly out: string;
  /** Where the output goes; `undefined` where that is not known. */
  readonly outRoom: Room | undefined;
  readonly threads: number;
  /** Bytes of memory that may be taken. */
  readonly memory: number;
  /** What goes to temporary files when the views do not fit in memory. */
  readonly spill: Spill | undefined;
}

export interface Spill {
  /** With one, relations need not be merged, and do not wait on disk. */
  readonly parts: number;
  /** Bytes of the views on disk. */
  readonly viewBytes: number;
  /** Bytes on disk before. */
  readonly mostBytes: number;
  readonly folder: string;
  /** What is free there, beside the views. */
  readonly room: Room | undefined;
}

/**
 * The plan of a job: its estimate, and the room there is.
 *
 * @throws ExpectedFailure when nothing can be written to the output's place
 */
export async function planOf(
  job: Pick<RelateJob, 'out' | 'threads' | 'tempDir'>,
  memory: number,
  estimate: Estimate,
  parts: DistinctParts | undefined,
  effects: Effects,
): Promise<LocalPlan> {
  const storage = await storageOf(job.out, effects);
  return {
    estimate,
    out: job.out,
    outRoom: await storage.room(job.out),
    threads: job.threads,
    memory,
    spill: parts && {
      parts: parts.count,
      viewBytes: parts.file.length,
      mostBytes: parts.mostBytes,
      folder: job.tempDir,
      room: await roomIn(job.tempDir),
    },
  };
}

/** Tells what a job will take before its first pair is formed; only when asked for all messages if it is a matter of seconds. */
export function announce(plan: LocalPlan, { log }: Effects): void {
  const { pairs, relations, bytes, seconds } = plan.estimate;
  const fields = { pairs: Math.round(pairs), relations: Math.round(relations), bytes: Math.round(bytes) };
  const say = seconds < secondsWorthTelling ? log.debug : log.info;
  say(describePlan(plan).trimEnd(), { ...fields, seconds: Math.round(seconds) });
}

/**
 * Refuses a job that cannot end well, and warns of one that may not. Only what is needed at the very least counts: a wrong refusal costs a
 * night, a disk that turns out to be full costs the hours until then.
 *
 * @throws ExpectedFailure `inputOutput` with the estimate and what is free
 */
export function refuseWithoutRoom({ estimate, out, outRoom, spill }: LocalPlan, { log }: Effects): void {
  const { leastBytes, bytes, runBytes, leastRunBytes } = estimate;
  // The views of one part are not on disk any more.
  const tempRoom = spill?.parts === 1 ? undefined : spill?.room;
  if (spill !== undefined && tempRoom !== undefined && leastRunBytes > tempRoom.free) {
    throw new ExpectedFailure(
      'inputOutput',
      `Cannot write temporary files in ${spill.folder}: beside ${megabytes(spill.viewBytes)} of views, the relations of ${spill.parts} parts take about ${megabytes(runBytes)} and no less than ${megabytes(leastRunBytes)}, and ${megabytes(tempRoom.free)} are free there`,
      { remedy: 'Name a folder with more room by --temp-dir, or give more --memory.' },
    );
  }
  // The parts are there until the last line is written.
  const shared = outRoom !== undefined && outRoom.disk === tempRoom?.disk;
  if (outRoom !== undefined && leastBytes + (shared ? leastRunBytes : 0) > outRoom.free) {
    const beside = shared ? `, beside about ${megabytes(runBytes)} of temporary files on the same disk` : '';
    throw new ExpectedFailure(
      'inputOutput',
      `Cannot write ${out}: about ${rounded(estimate.relations)} relations take about ${megabytes(bytes)} and no less than ${megabytes(leastBytes)}${beside}, and ${megabytes(outRoom.free)} are free there`,
      {
        remedy: `Name another place by --out${shared ? ' or --temp-dir' : ''}, let it end in .gz, keep fewer relations (--top, --min-weight), or leave out heavy paths (--max-path-products).`,
      },
    );
  }
  if (outRoom !== undefined && bytes + (shared ? runBytes : 0) > outRoom.free) {
    log.warn(
      `${out} may take about ${megabytes(bytes)}${shared ? ` and temporary files ${megabytes(runBytes)}` : ''}, and ${megabytes(outRoom.free)} are free there`,
    );
  }
  if (spill !== undefined && tempRoom !== undefined && !shared && runBytes > tempRoom.free) {
    log.warn(
      `Temporary files may take about ${megabytes(runBytes)} more, and ${megabytes(tempRoom.free)} are free in ${spill.folder}`,
    );
  }
}

/** The plan in words, one thing a line. */
export function describePlan(
  { estimate, out, outRoom, threads, memory, spill }: LocalPlan,
  number: FormatNumber = String,
): string {
  const { views, paths, pairs, relations, bytes, seconds, heaviest } = estimate;
  const free = (room: Room | undefined): string => (room === undefined ? '' : `, ${megabytes(room.free, number)} free`);
  const lines = [`Views: ${number(views)} in ${number(paths)} paths, ${number(pairs)} pairs of products`];
  if (heaviest.length > 0) {
    const share = heaviest.reduce((sum, { products }) => sum + products * (products - 1), 0) / pairs;
    const named = heaviest.map(({ id, products }) => `${id} with ${number(products)} products`).join(', ');
    lines.push(`Heaviest paths: ${percent(share)} of the pairs are in ${named}`);
  }
  const output = out === '-' ? 'unpacked' : `in ${path.basename(out)}`;
  lines.push(`Relations: about ${number(rounded(relations))}, ${megabytes(bytes, number)} ${output}${free(outRoom)}`);
  lines.push(
    spill === undefined
      ? `Memory: the views fit in ${megabytes(memory, number)}`
      : `Memory: ${spill.parts === 1 ? 'each view once' : `${spill.parts} parts`} in ${megabytes(memory, number)}, with temporary files of about ${megabytes(Math.max(spill.mostBytes, spill.viewBytes + estimate.runBytes), number)} in ${spill.folder}${free(spill.room)}`,
  );
  lines.push(`Time: about ${duration(1000 * Math.ceil(seconds))} on ${threads} thread${threads === 1 ? '' : 's'}`);
  return `${lines.join('\n')}\n`;
}

function percent(share: number): string {
  // As a number again: of all, `toPrecision` makes 1.0e+2.
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** To three digits. */
function rounded(figure: number): number {
  return Number(figure.toPrecision(3));
}

function megabytes(bytes: number, number: FormatNumber = String): string {
  return `${number(Math.ceil(bytes / 2 ** 20))} MB`;
}
