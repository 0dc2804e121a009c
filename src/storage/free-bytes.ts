import { statfsSync } from 'node:fs';

/** File systems that pack what they are given, so that more fits than they say is free: Btrfs, ZFS (magic numbers of statfs(2)). */
const packing: readonly number[] = [0x9123683e, 0x2fc12fc1];

/** Bytes that this user may still write to the disk of a folder that exists; `undefined` where that cannot be known. */
export function freeBytes(folder: string): number | undefined {
  const { type, blocks, bavail, bsize } = statfsSync(folder);
  return blocks === 0 || packing.includes(type) ? undefined : bavail * bsize;
}
