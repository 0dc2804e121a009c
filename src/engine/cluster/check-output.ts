import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { bucketRegion } from '../../storage/s3-tree.ts';
import { storageOf } from '../../storage/storage.ts';

/**
 * Looks whether a file can be written, before the hours that a cluster works for it. Nothing is created.
 *
 * @throws ExpectedFailure when its folder or bucket is not there, or nothing may be written to it
 */
export async function checkOutput(location: string, effects: Effects): Promise<void> {
  await (await storageOf(location, effects)).standsInFolder(location);
  if (location.startsWith('s3://')) {
    try {
      await bucketRegion(location, effects);
    } catch (error) {
      // Looking at a bucket takes a permission that writing to it does not.
      if (!(error instanceof ExpectedFailure) || error.kind !== 'noPermission') {
        throw error;
      }
    }
  }
}
