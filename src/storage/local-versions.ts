import { createHash } from 'node:crypto';
import { link, readdir, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { hasEnded } from '../process-identity.ts';
import { temporaryName, writerOf } from './local-temporaries.ts';
import type { Version } from './storage.ts';

/**
 * Files that are changed only by whoever saw their last state. A process that is killed between the few calls leaves something behind, so that
 * nothing is done between them. None is synchronous: on a disk that does not answer the process would hear no signal.
 */

/** A claim that is so old is one of a process that was killed in the middle of a change, on a host where that is not to be seen. */
const deadClaimMs = 60_000;

/**
 * Writes a file unless there is one under its name. It is written under a temporary name beside it; linking is what fails, without a race,
 * when the name is taken.
 *
 * @returns false when there is one
 */
export async function writeLocalIfAbsent(location: string, content: Uint8Array, effects: Effects): Promise<boolean> {
  const temporary = temporaryName(location, effects);
  return await attempt(location, async () => {
    try {
      await writeFile(temporary, content, { flag: 'wx' });
      await link(temporary, location);
      await removeDeadClaims(location);
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') {
        await refuseDangling(location);
        return false;
      }
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** A link to nothing takes the name, and yet there is no content behind it: whoever waits for either to change would wait for ever. */
async function refuseDangling(location: string): Promise<void> {
  const leadsTo = await readlink(location).catch(() => undefined);
  if (leadsTo !== undefined && (await stat(location).catch(errorCode)) === 'ENOENT') {
    throw new ExpectedFailure(
      'cannotCreate',
      `Cannot write ${location}: it is a symbolic link to ${leadsTo}, which does not exist`,
      { remedy: 'Remove the link.' },
    );
  }
}

/** The content of a file, and its digest as its version; `undefined` when there is no file. */
export async function readLocalVersion(location: string): Promise<Version | undefined> {
  try {
    const content = await readFile(location);
    return { content, version: versionOf(content) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw fileFailure('read', location, error);
  }
}

/** Replaces a file that is in the state of that version. */
export async function replaceLocal(
  location: string,
  content: Uint8Array,
  version: string,
  effects: Effects,
): Promise<string | undefined> {
  const replaced = await change(location, version, content, effects, (claim) => rename(claim, location));
  return replaced ? versionOf(content) : undefined;
}

/** Removes a file that is in the state of that version. */
export async function removeLocal(location: string, version: string, effects: Effects): Promise<boolean> {
  return await change(location, version, '', effects, () => rm(location));
}

/**
 * Every change begins with a claim: a file whose name says which version is to be changed, so that only one process has it at a time. While
 * it is there nobody else changes that version, and no version comes back, since contents differ. It is a second name of a temporary file
 * whose first one says who claims, and which goes last.
 */
async function change(
  location: string,
  version: string,
  content: string | Uint8Array,
  effects: Effects,
  make: (claim: string) => Promise<void>,
): Promise<boolean> {
  const claim = path.join(path.dirname(location), `.${path.basename(location)}.${version}.tmp`);
  const temporary = temporaryName(location, effects);
  return await attempt(location, async () => {
    try {
      await writeFile(temporary, content, { flag: 'wx' });
      if (!(await succeeds(link(temporary, claim)))) {
        await removeDeadClaims(location);
        return false;
      }
      try {
        return (await readLocalVersion(location))?.version === version && (await succeeds(make(claim)));
      } finally {
        await rm(claim, { force: true });
      }
    } finally {
      await rm(temporary, { force: true });
    }
  });
}

/** Whether it could be done: the claim is not somebody else's, nor did we sleep for so long that somebody took it for a dead one. */
async function succeeds(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' || code === 'ENOENT') {
      return false;
    }
    throw error;
  }
}

/** Removes what killed processes left beside a file when they were changing it. */
async function removeDeadClaims(location: string): Promise<void> {
  const folder = path.dirname(location);
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(`.${path.basename(location)}.`) && name.endsWith('.tmp'),
  );
  const left = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      return { file, writer: writerOf(name), stats: await stat(file).catch(() => undefined) };
    }),
  );
  const ofDead = left.filter(({ writer }) => writer !== undefined && hasEnded(writer));
  const dead = left.filter(
    ({ stats }) =>
      ofDead.some((each) => each.stats?.ino === stats?.ino) ||
      (stats !== undefined && Date.now() - stats.mtimeMs > deadClaimMs),
  );
  // Claims first: alone, none would tell whose it was.
  for (const { file } of [...dead.filter((each) => !ofDead.includes(each)), ...dead]) {
    await rm(file, { force: true });
  }
}

function versionOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

async function attempt<T>(location: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure('write', location, error);
  }
}
