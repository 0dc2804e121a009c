import path from 'node:path';
import type { Effects } from '../../effects.ts';
import { type Change, readChanges } from '../../importer/changes.ts';
import { withTemporaryFolder } from '../../storage/temporary-folder.ts';
import { type Difference, type DiffSide, diff } from '../diff.ts';

/** So many relations of each kind are named. */
const named = 10;

/** What changed since other relations, and the relations that changed most. */
export interface ChangesAgainst {
  readonly difference: Difference;
  /** By how much the weight changed, the most first; of a relation and its reverse that changed alike, one. */
  readonly moved: readonly Change[];
  readonly added: readonly Change[];
  readonly removed: readonly Change[];
}

/** @throws ExpectedFailure as `diff` does */
export async function changesAgainst(old: DiffSide, next: DiffSide, effects: Effects): Promise<ChangesAgainst> {
  return await withTemporaryFolder(async (folder) => {
    const out = path.join(folder, 'changes.tsv');
    const difference = await diff(old, next, { changes: { out, format: 'tsv' } }, effects);
    const most = new Map([...'~+-'].map((op) => [op, new LargestChanges()]));
    for await (const changes of readChanges(out, effects)) {
      for (const change of changes) {
        most.get(change.op)?.offer(change);
      }
    }
    const [moved = [], added = [], removed = []] = [...most.values()].map(({ first }) => first);
    return { difference, moved, added, removed };
  });
}

/** Keeps the relations whose weight changed most. */
class LargestChanges {
  first: Change[] = [];
  #least = 0;

  offer(change: Change): void {
    if (size(change) > this.#least && !this.first.some((other) => isReverse(change, other))) {
      this.first = [...this.first, change].sort((a, b) => size(b) - size(a)).slice(0, named);
      this.#least = this.first.length < named ? 0 : size(this.first[named - 1]!);
    }
  }
}

/** A relation that comes or goes moves by its whole weight. */
function size({ op, before, weight }: Change): number {
  return op === '~' ? Math.abs(weight - before) : weight;
}

function isReverse(change: Change, other: Change): boolean {
  return (
    change.source === other.target &&
    change.target === other.source &&
    change.before === other.before &&
    change.weight === other.weight
  );
}
