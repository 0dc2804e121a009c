import { type StatsFs, statfsSync } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';

/** Bytes that may still be written to a disk, and which one that is: numbers are equal for places on the same one. */
export interface Room {
  readonly free: number;
  readonly disk: number;
}

/** File systems that pack what they are given, so that more fits than they say is free: Btrfs, ZFS (magic numbers of statfs(2)). */
const packing: readonly number[] = [0x9123683e, 0x2fc12fc1];

/** Bytes that this user may still write to the disk of a folder that exists; `undefined` where that cannot be known. A disk of the network may never say. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  return freeOf(await statfs(folder));
}

/** The same, at once. */
export function freeBytesNow(folder: string): number | undefined {
  return freeOf(statfsSync(folder));
}

function freeOf({ type, blocks, bavail, bsize }: StatsFs): number | undefined {
  return blocks === 0 || packing.includes(type) ? undefined : bavail * bsize;
}

/** The same, with the disk. */
export async function roomIn(folder: string): Promise<Room | undefined> {
  const free = await freeBytes(folder);
  return free === undefined ? undefined : { free, disk: (await stat(folder)).dev };
}
