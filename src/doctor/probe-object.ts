import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { inFolder, storageOf } from '../storage/storage.ts';
import type { Report } from './report.ts';

/** Writes an object, reads it back and deletes it, as the lock of a run is written and deleted: only where none is, and only if it is the one. */
export async function probeObject(report: Report, folder: string, effects: Effects): Promise<void> {
  const location = inFolder(folder, `.also-viewed-probe-${effects.randomHex(8)}`);
  const storage = await storageOf(location, effects);
  const content = Buffer.from('A probe of also-viewed doctor, which deletes it.\n');
  const cannot = (what: string): ExpectedFailure =>
    new ExpectedFailure('inputOutput', `Cannot rely on ${folder}: ${what}`, {
      remedy: 'Use storage that heeds If-None-Match and If-Match, as S3 does, or a disk of this machine.',
    });
  if (!(await storage.writeIfAbsent(location, content))) {
    throw cannot(`a new object, ${location}, was said to be there`);
  }
  try {
    if (await storage.writeIfAbsent(location, Buffer.from('second'))) {
      throw cannot('two writers could create the same object');
    }
    const found = await storage.readVersion(location);
    if (found === undefined || !found.content.equals(content)) {
      throw cannot(`${location} is not what was written`);
    }
    if (!(await storage.removeIf(location, found.version))) {
      throw cannot(`${location} could not be deleted in the state in which it was read`);
    }
  } catch (error) {
    await storage.remove(location).catch(() => {});
    throw error;
  }
  report.ok(`wrote, read and deleted ${location}`);
}
