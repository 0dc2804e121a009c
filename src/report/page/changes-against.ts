import path from 'node:path';
import type { Effects } from '../../effects.ts';
import { type Change, readChanges } from '../../importer/changes.ts';
import { BiggestMovers } from '../../importer/movers.ts';
import { withTemporaryFolder } from '../../storage/temporary-folder.ts';
import { withProgress } from '../../with-progress.ts';
import { type Difference, type DiffSide, diff } from '../diff.ts';

/** What changed since other relations, and the relations that changed most. */
export interface ChangesAgainst {
  readonly difference: Difference;
  /** As `BiggestMovers` chooses them. */
  readonly moved: readonly Change[];
  readonly added: readonly Change[];
  readonly removed: readonly Change[];
}

/** @throws ExpectedFailure as `diff` does */
export async function changesAgainst(old: DiffSide, next: DiffSide, effects: Effects): Promise<ChangesAgainst> {
  return await withTemporaryFolder(async (folder) => {
    const out = path.join(folder, 'changes.tsv');
    const difference = await diff(old, next, { changes: { out, format: 'tsv' } }, effects);
    const [moved, added, removed] = [new BiggestMovers(), new BiggestMovers(), new BiggestMovers()];
    const of = { '~': moved, '+': added, '-': removed };
    const total = difference.added + difference.changed + difference.removed;
    for await (const changes of withProgress(readChanges(out, effects), 'Choosing', 'relations', effects, total)) {
      for (const change of changes) {
        of[change.op].offer(change);
      }
    }
    return { difference, moved: namedOnce(moved), added: namedOnce(added), removed: namedOnce(removed) };
  });
}

/** A relation and its reverse that changed alike are one, however few there are. */
function namedOnce(biggest: BiggestMovers): Change[] {
  const { movers } = biggest.choose();
  return movers.filter((change, at) => !movers.slice(0, at).some((other) => isReverse(change, other)));
}

function isReverse(change: Change, other: Change): boolean {
  return (
    change.source === other.target &&
    change.target === other.source &&
    change.before === other.before &&
    change.weight === other.weight
  );
}
