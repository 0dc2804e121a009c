/** Group of all counters in a Hadoop job's report. */
export const counterGroup = 'also-viewed';

/**
 * The figures of the phases. Hadoop adds up what the tasks of a job report; the two lanes of the hashes count modulo 2^32 afterwards.
 */
export type Counter =
  | 'files'
  | 'splits'
  | 'headers with other columns'
  | 'headers with guessed columns'
  | 'rows'
  | 'rejected'
  | `rejected ${string}`
  | 'views'
  | 'paths'
  | 'path weight'
  | 'left out paths'
  | 'left out pairs'
  | 'ids that are no integers'
  | 'products'
  | 'relations'
  | 'sources'
  | 'weight'
  | 'forward 0'
  | 'forward 1'
  | 'backward 0'
  | 'backward 1';

/** Counts of one task, reported in the form that Hadoop Streaming reads on standard error. */
export class Counters {
  readonly #counts = new Map<Counter, number>();

  add(counter: Counter, count: number): void {
    this.#counts.set(counter, (this.#counts.get(counter) ?? 0) + count);
  }

  get(counter: Counter): number {
    return this.#counts.get(counter) ?? 0;
  }

  /** A line each: `reporter:counter:group,name,count`. */
  report(): string {
    return [...this.#counts].map(([name, count]) => `reporter:counter:${counterGroup},${name},${count}\n`).join('');
  }
}
