import { createHash } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Effects } from '../effects.ts';
import { errorCode, fileFailure } from '../failure.ts';
import { hasEnded } from '../process-identity.ts';
import { temporaryName, writerOf } from './local-temporaries.ts';
import type { Version } from './storage.ts';

/**
 * Files that are changed only by whoever saw their last state. All of it is synchronous: a process that is killed between the few calls
 * leaves something behind, so that they must take microseconds.
 */

/** A claim that is so old is one of a process that was killed in the middle of a change, on a host where that is not to be seen. */
const deadClaimMs = 60_000;

/**
 * Writes a file unless there is one under its name. It is written under a temporary name beside it; linking is what fails, without a race,
 * when the name is taken.
 *
 * @returns false when there is one
 */
export function writeLocalIfAbsent(location: string, content: Uint8Array, effects: Effects): boolean {
  const temporary = temporaryName(location, effects);
  return attempt(location, () => {
    try {
      writeFileSync(temporary, content, { flag: 'wx' });
      linkSync(temporary, location);
      removeDeadClaims(location);
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') {
        return false;
      }
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/** The content of a file, and its digest as its version; `undefined` when there is no file. */
export function readLocalVersion(location: string): Version | undefined {
  try {
    const content = readFileSync(location);
    return { content, version: versionOf(content) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw fileFailure('write', location, error);
  }
}

/** Replaces a file that is in the state of that version. */
export function replaceLocal(
  location: string,
  content: Uint8Array,
  version: string,
  effects: Effects,
): string | undefined {
  const replaced = change(location, version, content, effects, (claim) => renameSync(claim, location));
  return replaced ? versionOf(content) : undefined;
}

/** Removes a file that is in the state of that version. */
export function removeLocal(location: string, version: string, effects: Effects): boolean {
  return change(location, version, '', effects, () => rmSync(location));
}

/**
 * Every change begins with a claim: a file whose name says which version is to be changed, so that only one process has it at a time. While
 * it is there nobody else changes that version, and no version comes back, since contents differ. It is a second name of a temporary file
 * whose first one says who claims, and which goes last.
 */
function change(
  location: string,
  version: string,
  content: string | Uint8Array,
  effects: Effects,
  make: (claim: string) => void,
): boolean {
  const claim = path.join(path.dirname(location), `.${path.basename(location)}.${version}.tmp`);
  const temporary = temporaryName(location, effects);
  return attempt(location, () => {
    try {
      writeFileSync(temporary, content, { flag: 'wx' });
      if (!succeeds(() => linkSync(temporary, claim))) {
        removeDeadClaims(location);
        return false;
      }
      try {
        return readLocalVersion(location)?.version === version && succeeds(() => make(claim));
      } finally {
        rmSync(claim, { force: true });
      }
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/** Whether it could be done: the claim is not somebody else's, nor did we sleep for so long that somebody took it for a dead one. */
function succeeds(work: () => void): boolean {
  try {
    work();
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
function removeDeadClaims(location: string): void {
  const folder = path.dirname(location);
  const left = readdirSync(folder)
    .filter((name) => name.startsWith(`.${path.basename(location)}.`) && name.endsWith('.tmp'))
    .map((name) => {
      const file = path.join(folder, name);
      return { file, writer: writerOf(name), stats: statSync(file, { throwIfNoEntry: false }) };
    });
  const ofDead = left.filter(({ writer }) => writer !== undefined && hasEnded(writer));
  const dead = left.filter(
    ({ stats }) =>
      ofDead.some((each) => each.stats?.ino === stats?.ino) ||
      (stats !== undefined && Date.now() - stats.mtimeMs > deadClaimMs),
  );
  // Claims first: alone, none would tell whose it was.
  for (const { file } of [...dead.filter((each) => !ofDead.includes(each)), ...dead]) {
    rmSync(file, { force: true });
  }
}

function versionOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

function attempt<T>(location: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileFailure('write', location, error);
  }
}
