import type { Effects } from '../effects.ts';
import { type Change, readChanges } from './changes.ts';

/** Relations that a dry run shows. */
const shown = 10;

/** The relations whose weight changes most, the largest change first; one that comes or goes moves by its whole weight. */
export async function biggestMovers(spool: string, effects: Effects): Promise<Change[]> {
  let movers: Change[] = [];
  for await (const changes of readChanges(spool, effects)) {
    movers = [...movers, ...changes].sort((a, b) => movement(b) - movement(a)).slice(0, shown);
  }
  return movers;
}

function movement({ op, before, weight }: Change): number {
  return op === '-' ? before : Math.abs(weight - before);
}
