import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { printable } from '../printable.ts';
import {
  defaultColumns,
  guessedColumns,
  headerColumns,
  mayBeHeader,
  missingColumns,
  type ViewColumns,
} from './view-columns.ts';

/** Of a line that may be anything, so much is shown. */
const shownNames = 12;

/** Looks at the first line of each file of views: says which columns were guessed, and refuses a file that lacks those that somebody named. */
export class FirstLines {
  readonly #wanted: ViewColumns;
  readonly #log: Effects['log'];
  readonly #said = new Set<string>();
  #refused: { readonly file: string; readonly names: readonly string[]; readonly missing: string } | undefined;

  constructor(wanted: ViewColumns, { log }: Effects) {
    this.#wanted = wanted;
    this.#log = log;
  }

  /** @param names the fields of the line */
  look(file: string, names: readonly string[]): void {
    const wanted = this.#wanted;
    const guessed = guessedColumns(names, wanted);
    if (guessed !== undefined) {
      this.#say('info', `the path is the column ${guessed.path}, the product ${guessed.product}, by their names`, file);
    }
    const [missing] = missingColumns(names, wanted);
    if (missing !== undefined && wanted[missing] !== defaultColumns[missing]) {
      this.#refused ??= { file, names, missing: wanted[missing] };
    } else if (missing !== undefined || (headerColumns(names, wanted) === undefined && mayBeHeader(names))) {
      this.#say('warn', `the first line, ${shown(names)}, is taken for a view like the others`, file);
    }
  }

  /**
   * Call it after the first line.
   *
   * @throws ExpectedFailure `badData` when a file has a header without a column that was named
   */
  async check(): Promise<void> {
    if (this.#refused !== undefined) {
      const { file, names, missing } = this.#refused;
      const { default: leven } = await import('leven');
      const distance = (name: string): number => leven(name.toLowerCase(), missing.toLowerCase());
      const nearest = [...names].sort((a, b) => distance(a) - distance(b))[0] ?? '';
      const near = distance(nearest) <= missing.length / 2 ? ` Did you mean ${shown([nearest])}?` : '';
      throw new ExpectedFailure('badData', `Cannot read ${file}: its columns are ${shown(names)}, not ${missing}`, {
        remedy: `Name the columns with --path-column and --product-column.${near}`,
      });
    }
  }

  /** Once for all files that are alike. */
  #say(level: 'info' | 'warn', what: string, file: string): void {
    if (!this.#said.has(what)) {
      this.#said.add(what);
      this.#log[level](
        `${file === '-' ? 'standard input' : file}: ${what}; --path-column and --product-column name others`,
      );
    }
  }
}

/** Text from data must not move the cursor. */
function shown(names: readonly string[]): string {
  const all = names.slice(0, shownNames).map((name) => printable(name.slice(0, 40)));
  return [...all, ...(names.length > shownNames ? ['…'] : [])].join(', ');
}
