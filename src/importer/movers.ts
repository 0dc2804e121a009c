import type { Effects } from '../effects.ts';
import { withProgress } from '../with-progress.ts';
import { type Change, type ChangeCounts, readChanges } from './changes.ts';

/** Relations that are named. */
const named = 10;

/** So many of a product, and in all, are kept to choose from: memory does not grow with the changes. */
const ownCandidates = 2 * named;
const allCandidates = 200 * named;

/** The relations that moved most. */
export interface Movers {
  readonly movers: readonly Change[];
  /** Other relations that moved as far as the last of these, or farther. */
  readonly movedAsFar: number;
}

/**
 * Chooses what tells most of what changed. A relation moves by the change of its weight, one that comes or goes by its whole weight; of those that
 * move as far, the one that it means most to comes first. A relation and its reverse count as one, and a product that was named is not named again
 * while there is another: the list would be one product otherwise, whenever many move alike. Ten changes or fewer are all named.
 */
export class BiggestMovers {
  /** How many moved how far: as many entries as there are distinct differences. */
  readonly #counts = new Map<number, number>();
  readonly #few: Change[] = [];
  #all: Change[] = [];
  #own: Change[] = [];
  #total = 0;

  /** Takes changes of which those of a source come one behind the other. */
  offer(change: Change): void {
    const moved = movement(change);
    this.#counts.set(moved, (this.#counts.get(moved) ?? 0) + 1);
    this.#total++;
    if (this.#total <= named) {
      this.#few.push(change);
    }
    if (this.#own[0] !== undefined && this.#own[0].source !== change.source) {
      this.#all.push(...this.#own);
      this.#all = shortened(this.#all, allCandidates);
      this.#own = [];
    }
    this.#own.push(change);
    this.#own = shortened(this.#own, ownCandidates);
  }

  /** Those of the changes so far. */
  choose(): Movers {
    const movers = this.#total <= named ? this.#few.toSorted(compareMovement) : chosen([...this.#all, ...this.#own]);
    const least = movement(movers.at(-1));
    const asFar = [...this.#counts].filter(([moved]) => moved >= least).reduce((sum, [, count]) => sum + count, 0);
    return { movers, movedAsFar: asFar - movers.length };
  }
}

/** @param spool changes, as many as were counted, those of a source one behind the other */
export async function biggestMovers(
  spool: string,
  { added, changed, removed }: ChangeCounts,
  effects: Effects,
): Promise<Movers> {
  const biggest = new BiggestMovers();
  const all = readChanges(spool, effects);
  for await (const changes of withProgress(all, 'Choosing', 'relations', effects, added + changed + removed)) {
    for (const change of changes) {
      biggest.offer(change);
    }
  }
  return biggest.choose();
}

/** The changes, or those of them that moved most once there are twice as many as are needed. */
function shortened(changes: Change[], needed: number): Change[] {
  return changes.length < 2 * needed ? changes : changes.sort(compareMovement).slice(0, needed);
}

function chosen(changes: readonly Change[]): Change[] {
  const products = new Set<string>();
  const fresh: Change[] = [];
  const known: Change[] = [];
  for (const change of changes.toSorted(compareMovement)) {
    if (products.has(change.source) || products.has(change.target)) {
      known.push(change);
    } else {
      fresh.push(change);
      products.add(change.source).add(change.target);
    }
  }
  for (const change of known) {
    if (!fresh.some(({ source, target }) => source === change.target && target === change.source)) {
      fresh.push(change);
    }
  }
  return fresh.slice(0, named).sort(compareMovement);
}

/** Orders changes, the farthest first: by the difference of the weights, then by its share of the larger one. */
function compareMovement(a: Change, b: Change): number {
  return movement(b) - movement(a) || Math.max(a.before, a.weight) - Math.max(b.before, b.weight);
}

function movement(change: Change | undefined): number {
  return change === undefined ? 0 : change.op === '-' ? change.before : Math.abs(change.weight - change.before);
}
