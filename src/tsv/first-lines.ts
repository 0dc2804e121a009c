import type { Effects } from '../effects.ts';
import { shownNames } from './shown-names.ts';
import {
  defaultTimeColumn,
  guessedColumns,
  headerColumns,
  mayBeHeader,
  missingColumns,
  refusedColumn,
  type ViewColumns,
} from './view-columns.ts';

const columnOptions = '--path-column and --product-column';

/** Looks at the first line of each file of views: says which columns were guessed, and refuses a file that lacks one although somebody named them. */
export class FirstLines {
  readonly #wanted: ViewColumns;
  readonly #log: Effects['log'];
  readonly #said = new Set<string>();
  #refused:
    | { readonly file: string; readonly names: readonly string[]; readonly missing: string; readonly remedy: string }
    | undefined;
  #time: string | undefined;

  constructor(wanted: ViewColumns, { log }: Effects) {
    this.#wanted = wanted;
    this.#log = log;
  }

  /** The column of the time in the first file that has one. */
  get time(): string | undefined {
    return this.#time;
  }

  /** @param names the fields of the line */
  look(file: string, names: readonly string[]): void {
    const wanted = this.#wanted;
    const guessed = guessedColumns(names, wanted);
    if (guessed !== undefined) {
      this.#say('info', `the path is the column ${guessed.path}, the product ${guessed.product}, by their names`, file);
    }
    this.#lookForTime(file, names);
    const missing = refusedColumn(names, wanted);
    if (missing !== undefined) {
      this.#refused ??= { file, names, missing, remedy: `Name the columns with ${columnOptions}.` };
    } else if (
      missingColumns(names, wanted).length > 0 ||
      (headerColumns(names, wanted) === undefined && mayBeHeader(names))
    ) {
      this.#say('warn', `the first line, ${shownNames(names)}, is taken for a view like the others`, file);
    }
  }

  /**
   * Call it after the first line.
   *
   * @throws ExpectedFailure `badData` when a file has a header without a column, and columns were named
   */
  async check(): Promise<void> {
    if (this.#refused !== undefined) {
      const { file, names, missing, remedy } = this.#refused;
      const { missingColumn } = await import('./missing-column.ts');
      throw missingColumn(file, names, missing, remedy);
    }
  }

  /** Rows without a header have no time, whoever named it. */
  #lookForTime(file: string, names: readonly string[]): void {
    const wanted = this.#wanted.time;
    const header = headerColumns(names, this.#wanted);
    if (wanted === undefined || header === undefined) {
      return;
    }
    this.#time ??= header.time;
    if (header.time === undefined && wanted !== defaultTimeColumn) {
      const remedy = 'Name the column of the time with --time-column.';
      this.#refused ??= { file, names, missing: wanted, remedy };
    } else if (header.time !== undefined && header.time !== wanted) {
      this.#say('info', `the time is the column ${header.time}, by its name`, file, '--time-column names another');
    }
  }

  /** Once for all files that are alike. */
  #say(level: 'info' | 'warn', what: string, file: string, remedy = `${columnOptions} name others`): void {
    if (!this.#said.has(what)) {
      this.#said.add(what);
      this.#log[level](`${file === '-' ? 'standard input' : file}: ${what}; ${remedy}`);
    }
  }
}
