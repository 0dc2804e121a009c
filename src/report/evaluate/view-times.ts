import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { printable } from '../../printable.ts';
import { parseTime, type ViewTime } from './view-time.ts';

const chunkRows = 1 << 17;

/** The times of views in the order in which they are read, in chunks, so that growing copies nothing: 8 bytes a view. */
export class ViewTimes {
  /** What the times are; `undefined` while there are none. */
  kind: ViewTime['kind'] | undefined;
  readonly #chunks: Float64Array[] = [];
  #rows = 0;
  #without = 0;
  #columnSeen = false;
  #first = '';

  /**
   * Adds the time of the next view.
   *
   * @param text `undefined` in a file without such a column
   * @param place of the view, for messages
   */
  add(text: string | undefined, place: () => string): void {
    this.#columnSeen ||= text !== undefined;
    const time = text === undefined ? undefined : parseTime(text);
    if (time === undefined || (this.kind ?? time.kind) !== time.kind) {
      this.#first ||= `${place()}${text === undefined ? '' : `: ${JSON.stringify(text.slice(0, 40))}`}`;
      this.#without++;
      return;
    }
    this.kind = time.kind;
    if (this.#rows % chunkRows === 0) {
      this.#chunks.push(new Float64Array(chunkRows));
    }
    this.#chunks.at(-1)![this.#rows++ % chunkRows] = time.at;
  }

  /** The time of a view by its number, from 0; valid once `check` let it pass. */
  at(row: number): number {
    return this.#chunks[Math.floor(row / chunkRows)]![row % chunkRows]!;
  }

  /**
   * @param columns the column that was wanted, and the one that was found
   * @param needed whether all views must have a time; otherwise none of them has to
   * @throws ExpectedFailure `badData` when a view has none that can be read; where none has, and none has to, that is only said
   */
  check(columns: { wanted: string; found: string | undefined }, needed: boolean, { log, number }: Effects): void {
    const column = columns.found ?? columns.wanted;
    if (!needed && this.kind === undefined && this.#columnSeen) {
      log.warn(
        `The column ${printable(column)} holds no time that can be read, the first is ${this.#first}: the views of a path are taken in the order of their rows`,
      );
    } else if (this.#without > 0 && (needed || this.#columnSeen)) {
      throw new ExpectedFailure(
        'badData',
        `Cannot order the views by the column ${column}: ${number(this.#without)} of ${number(this.#without + this.#rows)} have no time there, the first is ${this.#first}`,
        {
          remedy:
            'A time is a number, or 2026-01-31 23:59:58, in all views the same. Correct these views or leave them out, or name another column with --time-column; where none has a time, --split last needs none.',
        },
      );
    }
  }
}
