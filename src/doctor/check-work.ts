import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { duration } from '../duration.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { hasEnded } from '../process-identity.ts';
import { describeHolder, parseHolder } from '../run/lock-holder.ts';
import type { Manifest } from '../run/manifest.ts';
import { type RunFolder, runsOf } from '../run/runs.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import { checkRoom } from './check-room.ts';
import { mostSkew } from './check-server.ts';
import { describeAge } from './describe-age.ts';
import type { Check } from './doctor.ts';
import { probeObject } from './probe-object.ts';
import type { Report } from './report.ts';

/** A nightly job whose last success is older, in milliseconds, has missed a night. */
const aNight = 26 * 3_600_000;

/** Runs that are looked at for the last success, at most: each is an object to read. */
const mostRuns = 20;

/** The folder of the runs: whether they can be written, who is at work there, and what earlier runs left. */
export const checkWork: Check = async (report, { work, probeWrite }, effects) => {
  const isLocal = !/^s3:/i.test(work);
  const there = await report.part('folder', effects, (part, given) =>
    isLocal ? checkFolder(part, work) : checkPrefix(part, work, given),
  );
  if (there === undefined) {
    return;
  }
  const isHeld = await report.part('lock', effects, (part, given) => checkLock(part, work, given));
  const last = await report.part('runs', effects, (part, given) => checkRuns(part, work, isHeld === true, given));
  if (isHeld === false) {
    await report.part('leftovers', effects, (part, given) => checkLeftovers(part, work, given));
  }
  if (isLocal) {
    await report.part('disk', effects, (part) => checkDisk(part, there, last));
  }
  if (probeWrite === true) {
    await report.part('probe', effects, (part, given) => probeObject(part, there, given));
  }
};

/** A folder that is there or can be made. @returns the nearest one that is there */
async function checkFolder(report: Report, work: string): Promise<string> {
  const there = await existing(path.resolve(work));
  const runs = path.join(work, 'runs');
  const folders = [there, ...((await isFolder(runs)) ? [runs] : [])];
  for (const folder of folders) {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw fileFailure('write', folder, error);
    });
  }
  const isThere = there === path.resolve(work);
  report.ok(isThere ? `${work} may be written to` : `${work} does not exist: the first run creates it in ${there}`);
  return there;
}

/** The nearest folder that is there: a folder, or the first one above it. */
export async function existing(folder: string): Promise<string> {
  if (await isFolder(folder)) {
    return folder;
  }
  return await existing(path.dirname(folder));
}

async function isFolder(folder: string): Promise<boolean> {
  try {
    if (!(await stat(folder)).isDirectory()) {
      throw new ExpectedFailure('cannotCreate', `Cannot write ${folder}: a file has the name of the folder`, {
        remedy: 'Name another folder with --work.',
      });
    }
    return true;
  } catch (error) {
    // A file in the place of a folder above it is found there.
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') {
      return false;
    }
    throw fileFailure('write', folder, error);
  }
}

async function checkPrefix(report: Report, work: string, effects: Effects): Promise<string> {
  const runs = inFolder(work, 'runs');
  const ids = await (await storageOf(runs, effects)).listFolders(runs);
  report.ok(`${work} can be listed: ${ids.length} runs`);
  // What the SDK knows from the Date of the answer. S3 refuses signatures that are 15 minutes off.
  const { connectionOf } = await import('../storage/s3-client.ts');
  const { systemClockOffset } = connectionOf(effects).client.config;
  if (Math.abs(systemClockOffset) > mostSkew) {
    report.warning(
      `the clock of this machine is ${duration(Math.abs(systemClockOffset))} off the one of S3`,
      'Let this machine take its time from the network (NTP).',
    );
  }
  return work;
}

/** @returns whether somebody is at work there */
async function checkLock(report: Report, work: string, effects: Effects): Promise<boolean> {
  const location = inFolder(work, 'lock.json');
  const found = await (await storageOf(location, effects)).readVersion(location);
  if (found === undefined) {
    report.ok('nobody holds it');
    return false;
  }
  const holder = parseHolder(found.content);
  if (holder !== undefined && hasEnded(holder)) {
    report.ok(`${describeHolder(holder)} was killed; the next run takes the lock over`);
    return false;
  }
  report.warning(
    `${describeHolder(holder)} holds it, and last said so ${holder === undefined ? 'at no known time' : describeAge(new Date(holder.renewedAt), effects.now())}`,
    'A run that begins now ends with 75, or waits with --wait; a holder that is silent for a minute is taken for dead.',
  );
  return true;
}

/** @returns the newest run that succeeded, unless it is a rollback */
async function checkRuns(
  report: Report,
  work: string,
  isHeld: boolean,
  effects: Effects,
): Promise<RunFolder | undefined> {
  let seen = 0;
  for await (const run of runsOf(work, undefined, effects)) {
    if (seen === 0) {
      reportNewest(report, run.manifest, isHeld);
    }
    if (run.manifest.state === 'succeeded') {
      reportSuccess(report, run.manifest, effects.now());
      // What a rollback takes says nothing of a run.
      return run.manifest.rollbackOf === undefined ? run : undefined;
    }
    seen++;
    if (seen === mostRuns) {
      break;
    }
  }
  if (seen === 0) {
    report.ok('there are no runs yet');
  } else {
    const none = seen < mostRuns ? 'no run has succeeded' : `none of the newest ${seen} runs succeeded`;
    report.warning(none, 'Look into their manifest.json, or at the log.');
  }
  return undefined;
}

/** What killed runs were writing; nobody writes now. */
async function checkLeftovers(report: Report, work: string, effects: Effects): Promise<void> {
  const runs = inFolder(work, 'runs');
  try {
    const left = await (await storageOf(runs, effects)).listUnfinished(runs);
    if (left.length > 0) {
      const files = left.length === 1 ? 'a file' : `${left.length} files`;
      report.ok(`killed runs left ${files} unfinished, as ${left[0]}; the next run removes what is left`);
    }
  } catch (error) {
    if (!(error instanceof ExpectedFailure) || error.kind !== 'noPermission') {
      throw error;
    }
    // A run only warns, too.
    report.warning(
      error.message,
      `Allow s3:ListBucketMultipartUploads, and s3:AbortMultipartUpload, to this user or role.`,
    );
  }
}

function reportNewest(report: Report, { run, state, error }: Manifest, isHeld: boolean): void {
  if (state === 'running' && !isHeld) {
    report.warning(`run ${run} was killed`, 'Run again, or go on with it: also-viewed run --resume.');
  } else if (state === 'failed' || state === 'interrupted') {
    const why = error === undefined ? '' : `: ${error.message}`;
    report.warning(`the newest run, ${run}, ${state === 'failed' ? 'failed' : 'was interrupted'}${why}`, error?.remedy);
  }
}

function reportSuccess(report: Report, { run, startedAt, finishedAt }: Manifest, now: Date): void {
  const ended = new Date(finishedAt ?? startedAt);
  const success = `the last success, run ${run}, was ${describeAge(ended, now)}`;
  if (now.getTime() - ended.getTime() > aNight) {
    report.warning(success, 'Look whether the job is still started every night.');
  } else {
    report.ok(success);
  }
}

/** A run keeps the files of earlier ones: it needs the room that the last one took. */
async function checkDisk(report: Report, there: string, last: RunFolder | undefined): Promise<void> {
  const taken = last === undefined ? undefined : await storedBytes(last);
  await checkRoom(report, there, taken, 'the last run', 'Make room: old folders in WORK/runs may be deleted.');
}

async function storedBytes({ folder, manifest }: RunFolder): Promise<number> {
  const sizes = await Promise.all(
    manifest.artefacts.map(({ name }) =>
      stat(path.join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
