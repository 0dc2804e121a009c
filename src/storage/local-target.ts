import { constants, createWriteStream, openSync, type Stats } from 'node:fs';
import { access, open, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExpectedFailure, errorCode, fileFailure } from '../failure.ts';
import { beside } from './standard.ts';

/** Large reads and writes cost fewer trips through the event loop; beyond 1 MiB nothing was gained. */
export const ioBytes: number = 1 << 20;

/** What the name of an output stands for, behind symbolic links. */
export interface Target {
  readonly path: string;
  /** Of what is there already. */
  readonly stats: Stats | undefined;
  /** A descriptor of this process that the name means. */
  readonly descriptor: number | undefined;
}

/** A pipe or device is written to as it is: renaming a file over /dev/null would take it from the whole machine. */
export function isInPlace({ stats, descriptor }: Target): boolean {
  return descriptor !== undefined || (stats !== undefined && !stats.isFile());
}

/** @throws ExpectedFailure when nothing can be written there */
export async function targetOf(location: string): Promise<Target> {
  if (location === '') {
    throw new ExpectedFailure('usage', 'Cannot write the output: its name is empty', { remedy: 'Name a file.' });
  }
  try {
    const stats = await stat(location).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') {
        return undefined;
      }
      throw error;
    });
    if (stats?.isDirectory() || location.endsWith('/')) {
      throw isFolder();
    }
    const target = await followed(location);
    const descriptor = descriptorOf(target);
    if (descriptor !== undefined && stats === undefined) {
      throw new ExpectedFailure('cannotCreate', `Cannot write ${location}: the descriptor is not open`);
    }
    if (stats?.isFile() && descriptor === undefined) {
      await access(target, constants.W_OK);
    }
    if (stats === undefined) {
      await access(path.dirname(target), constants.W_OK);
    }
    return { path: target, stats, descriptor };
  } catch (error) {
    throw fileFailure('write', location, error);
  }
}

/** The name behind symbolic links, whether or not there is a file; links stop at a descriptor, whose own link is no path when it is a pipe. */
async function followed(location: string): Promise<string> {
  let name = location;
  while (descriptorOf(name) === undefined) {
    const link = await readlink(name).catch(() => undefined);
    if (link === undefined) {
      break;
    }
    name = path.resolve(await realpath(path.dirname(name)), link);
  }
  return name;
}

/** The number in /dev/fd/N and behind /dev/stdout. Opened by its name, a file would be written from its beginning again. */
function descriptorOf(name: string): number | undefined {
  const [, number, standard] =
    /^\/(?:dev|proc\/self)\/(?:fd\/(\d+)|(stdin|stdout|stderr))$/.exec(path.resolve(name)) ?? [];
  return standard !== undefined
    ? ['stdin', 'stdout', 'stderr'].indexOf(standard)
    : number !== undefined
      ? Number(number)
      : undefined;
}

export async function openInPlace({ path: target, stats, descriptor }: Target, signal: AbortSignal): Promise<Writable> {
  if (stats?.isFIFO()) {
    const { Socket } = await import('node:net');
    return new Socket({ fd: await openFifo(target, signal), readable: false });
  }
  if (descriptor !== undefined) {
    const stream = createWriteStream(target, { fd: descriptor, autoClose: false });
    // Every write reports its error too.
    return beside(stream.on('error', () => {}));
  }
  const handle = await open(target, 'w');
  return handle.createWriteStream({ highWaterMark: ioBytes });
}

/** Waits for a reader by asking again and again (ENXIO: there is none yet), since a blocking open could not be stopped by a signal. */
async function openFifo(fifo: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    try {
      return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (errorCode(error) !== 'ENXIO') {
        throw error;
      }
    }
    await sleep(50, undefined, { signal });
  }
}

export function isFolder(): Error {
  return Object.assign(new Error('is a directory'), { code: 'EISDIR' });
}
