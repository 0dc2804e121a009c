import type { IdComparison } from '../relation/id-order.ts';
import { IdTable } from '../relation/id-table.ts';
import type { TemporaryFile } from '../storage/temporary-file.ts';
import { IdRanks, rankBytes } from './id-ranks.ts';
import { type CountHandler, SortedRuns } from './sorted-runs.ts';

/** Bytes that an id takes beside its own: its count, its place in the list, and its ranks. */
const idBytes = 8 + 4 + rankBytes;

/** How a list is ordered and how much of it stays in memory. */
export interface CountedIdsOptions {
  readonly compare: IdComparison;
  /** Bytes that the ids and what is kept of each may take. */
  readonly memory: number;
  /** Makes a file for what does not fit. */
  readonly temporaryFile: () => TemporaryFile;
}

/**
 * Lists of ids with counts that are added up, one list after the other, in bounded memory: a list that does not fit goes to a temporary file in
 * sorted runs. Ids keep their numbers from one list to the next as long as they fit.
 */
export class CountedIds {
  readonly ids: IdTable = new IdTable();
  readonly #options: CountedIdsOptions;
  readonly #ranks: IdRanks;
  #counts = new Float64Array(1 << 10);
  /** The ids of the list at hand that are in memory, as they came. */
  #listed = new Uint32Array(1 << 10);
  #length = 0;
  #runs: SortedRuns | undefined;
  #forgotten = 0;

  constructor(options: CountedIdsOptions) {
    const { ids } = this;
    const { compare } = options;
    this.#options = options;
    this.#ranks = new IdRanks(ids, (a, b) =>
      compare(ids.arena, ids.start(a), ids.end(a), ids.arena, ids.start(b), ids.end(b)),
    );
  }

  /** Whether a part of the list at hand is in a file, so that it can only be merged. */
  get spilled(): boolean {
    return this.#runs !== undefined;
  }

  /** How often all ids were forgotten: they have other numbers since. */
  get forgotten(): number {
    return this.#forgotten;
  }

  add(bytes: Uint8Array, start: number, end: number, count: number): void {
    const { ids } = this;
    const known = ids.size;
    const id = ids.intern(bytes, start, end);
    if (id === this.#counts.length) {
      this.#counts = grown(this.#counts, new Float64Array(2 * id));
      this.#listed = grown(this.#listed, new Uint32Array(2 * id));
    }
    const before = this.#counts[id]!;
    if (before === 0) {
      this.#listed[this.#length++] = id;
    }
    this.#counts[id] = before + count;
    if (id === known && this.#isFull) {
      this.#spill();
    }
  }

  /** The count of an id of the list. */
  count(id: number): number {
    return this.#counts[id]!;
  }

  /** The numbers of the ids of a list that is not spilled, in order; valid until the list is ended. */
  sorted(): Uint32Array {
    return this.#ranks.sort(this.#listed.subarray(0, this.#length));
  }

  /** Tells all ids of the list in order, each once; may be called again. */
  each(tell: CountHandler): void {
    const { compare, memory } = this.#options;
    if (this.#runs !== undefined) {
      this.#spill();
      this.#runs.merge(compare, memory / 8, tell);
      return;
    }
    const { ids } = this;
    for (const id of this.sorted()) {
      tell(ids.arena, ids.start(id), ids.end(id), this.#counts[id]!);
    }
  }

  /** Begins the next list. */
  endList(): void {
    for (let at = 0; at < this.#length; at++) {
      this.#counts[this.#listed[at]!] = 0;
    }
    this.#length = 0;
    this.#runs?.close();
    this.#runs = undefined;
    if (this.#isFull) {
      this.#forget();
    }
  }

  get #isFull(): boolean {
    return this.ids.memory + idBytes * this.ids.size > this.#options.memory;
  }

  /** Puts the list at hand into the file, and forgets it. */
  #spill(): void {
    const { ids } = this;
    if (this.#length > 0) {
      this.#runs ??= new SortedRuns(this.#options.temporaryFile());
      for (const id of this.sorted()) {
        this.#runs.add(ids.arena, ids.start(id), ids.end(id), this.#counts[id]!);
        this.#counts[id] = 0;
      }
      this.#runs.endRun();
      this.#length = 0;
    }
    this.#forget();
  }

  #forget(): void {
    this.ids.clear();
    this.#ranks.forget();
    this.#forgotten++;
  }
}

function grown<T extends Uint32Array | Float64Array>(old: T, into: T): T {
  into.set(old);
  return into;
}
