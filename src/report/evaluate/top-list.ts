import { compareScored, type Scored } from '../../relation/scores.ts';

interface Entry extends Scored {
  readonly target: number;
}

/** The first targets of a list, in the order in which `show` prints it. */
export class TopList {
  readonly #size: number;
  readonly #entries: Entry[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** Takes a target if it belongs to the first ones. Of equal ones, those that were offered first come first. */
  offer(target: number, weight: number, score: number | undefined): void {
    const entries = this.#entries;
    const entry = { target, weight, score };
    let at = entries.length;
    while (at > 0 && compareScored(entry, entries[at - 1]!) < 0) {
      at--;
    }
    if (at < this.#size) {
      entries.splice(at, 0, entry);
      entries.length = Math.min(entries.length, this.#size);
    }
  }

  /** The targets that were taken, the first of the list first; the list is empty again. */
  take(): number[] {
    return this.#entries.splice(0).map(({ target }) => target);
  }
}
