import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { type Artefact, writeFile } from '../storage/output.ts';
import { type RelationBatch, readRelations } from '../tsv/relation-rows.ts';
import { type ChangeCounts, ChangeWriter } from './changes.ts';
import type { CheckedRelations } from './check-relations.ts';
import { compareRelations, type RowOrder } from './compare.ts';

export interface SpooledChanges {
  readonly artefact: Artefact;
  readonly counts: ChangeCounts;
}

/**
 * Writes what turns the old relations into those of a checked file to `location`.
 *
 * @param old in the same order as the file
 */
export async function spoolChanges(
  location: string,
  old: AsyncIterable<RelationBatch>,
  relations: CheckedRelations,
  order: RowOrder,
  effects: Effects,
): Promise<SpooledChanges> {
  const { artefact, result } = await writeFile(location, effects, async (output) => {
    const changes = new ChangeWriter(output);
    await compareRelations(old, readRelations(relations.location, effects), order, changes);
    return changes.counts;
  });
  const { added, changed, removed, unchanged } = result;
  if (added + changed + unchanged !== relations.relations) {
    throw new ExpectedFailure('badData', `Cannot use ${relations.name}: it changed while it was being read`, {
      remedy: 'Run the same command again once nothing writes to the file; nothing was published.',
    });
  }
  effects.log.info(
    `Compared: ${added} relations to add, ${changed} to change, ${removed} to remove, ${unchanged} as before`,
    {
      added,
      changed,
      removed,
      unchanged,
    },
  );
  return { artefact, counts: result };
}
