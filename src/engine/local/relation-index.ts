import type { Effects } from '../../effects.ts';
import { messageOf } from '../../failure.ts';
import { type Output, writeFile } from '../../storage/output.ts';
import { storageOf } from '../../storage/storage.ts';

/**
 * Writes `OUT.idx` beside a packed relations file of several gzip members, so that the list of one product can be read without inflating the
 * whole file: a line a member, `offset TAB first source` (escaped as in the file), and last the size of the file, by which a reader sees
 * that the index belongs to it. Each member begins with a source of its own. A small file needs none, and an old one goes.
 *
 * The relations are in place by now, so that a failure here is a warning.
 */
export async function writeRelationIndex(output: Output, effects: Effects): Promise<void> {
  const location = `${output.location}.idx`;
  const { members } = output;
  try {
    if (members.length > 1) {
      const lines = members.map(({ offset, firstField }) => `${offset}\t${firstField}\n`);
      await writeFile(location, effects, (index) =>
        index.write(Buffer.from(`${lines.join('')}${output.storedBytes}\n`), lines.length + 1),
      );
    } else if (output.location !== '-') {
      const storage = await storageOf(location, effects);
      if (await storage.standsInFolder(output.location)) {
        await storage.remove(location);
      }
    }
  } catch (error) {
    effects.signal.throwIfAborted();
    effects.log.warn(`${location} could not be written: ${messageOf(error)}`);
  }
}
