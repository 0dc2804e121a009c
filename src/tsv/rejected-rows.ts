import type { Effects } from '../effects.ts';
import { ExpectedFailure, messageOf } from '../failure.ts';
import { type Artefact, Output } from '../storage/output.ts';
import { storageOf } from '../storage/storage.ts';
import { ByteWriter } from './byte-writer.ts';
import type { RejectReason } from './id-rules.ts';
import { otherSeparator, rejectedHeader } from './rejected-header.ts';
import { rejectedLine } from './rejected-line.ts';

const lineFeed = 0x0a;

/** A flush of lines that are not long. */
const waitingBytes = 1 << 16;

const remedy =
  'Rows are path_id, TAB, product_id, in UTF-8; other columns need a header line, and their names in --path-column and --product-column.';

/** How many places a message names. */
const namedPlaces = 3;

/** How many rows are kept to be shown. */
const keptFirst = 10;

/**
 * Whether so many rows were rejected that the input, rather than a few of its rows, must be wrong: more than 10 and more than 0.1 %.
 */
export function tooManyRejected(rejected: number, rows: number): boolean {
  return rejected > 10 && rejected * 1000 > rows;
}

/** Counts the rejected rows of a job and writes them to a file: input file, line, reason, the row's first kilobyte. */
export class RejectedRows {
  /** How many rows were rejected, by reason. */
  readonly reasons: Map<RejectReason, number> = new Map();
  /** The first rows, as `rejectedLine` puts them. */
  readonly first: string[] = [];
  /** The output that the file stands beside, until it is known that it can. */
  #out: string | undefined;
  #location: string | undefined;
  readonly #effects: Effects;
  #listed = 0;
  /** Bytes, since a Buffer for each line takes more than the line. */
  readonly #waiting = new ByteWriter(waitingBytes);
  #waitingLines = 0;
  #output: Output | undefined;
  #artefact: Artefact | undefined;

  /** @param location where the rows go, or `undefined` to count them only */
  constructor(location: string | undefined, effects: Effects) {
    this.#location = location;
    this.#effects = effects;
  }

  /** Rejected rows go to `OUT.rejected.tsv`, beside the file that the job writes; beside a pipe or a device there is none, they are only counted. */
  static beside(out: string, effects: Effects): RejectedRows {
    const rejected = new RejectedRows(`${out}.rejected.tsv`, effects);
    rejected.#out = out;
    return rejected;
  }

  get count(): number {
    return [...this.reasons.values()].reduce((sum, count) => sum + count, 0);
  }

  add(file: string, line: number, reason: RejectReason, row: Uint8Array): void {
    this.tally(reason, 1);
    this.list(rejectedLine(file, line, reason, row));
  }

  /** Counts rows that a task of a cluster rejected; those that are known by more than their number come by `list`. */
  tally(reason: RejectReason, count: number): void {
    if (count > 0) {
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + count);
    }
  }

  /** Takes a row that has been counted, as `rejectedLine` put it. */
  list(line: Uint8Array): void {
    this.#listed++;
    if (this.first.length < keptFirst) {
      this.first.push(Buffer.from(line).toString());
    }
    if (this.#location !== undefined) {
      this.#waiting.copy(line, 0, line.length);
      this.#waiting.byte(lineFeed);
      this.#waitingLines++;
    }
  }

  /**
   * Writes what has gathered; call it between chunks of input, so that memory stays bounded.
   *
   * @throws ExpectedFailure when the file cannot be written; when its output cannot be created, that is what the failure says
   */
  async flush(): Promise<void> {
    if (this.#waitingLines === 0) {
      return;
    }
    const location = await this.#place();
    const bytes = this.#waiting.bytes.slice(0, this.#waiting.length);
    const lines = this.#waitingLines;
    this.#waiting.length = 0;
    this.#waitingLines = 0;
    if (location !== undefined) {
      this.#output ??= await Output.create(location, this.#effects);
      await this.#output.write(bytes, lines);
    }
  }

  async #place(): Promise<string | undefined> {
    if (this.#out !== undefined) {
      const storage = await storageOf(this.#out, this.#effects);
      if (!(await storage.standsInFolder(this.#out))) {
        this.#location = undefined;
      }
      this.#out = undefined;
    }
    return this.#location;
  }

  /** The finished file, once `settle` was called and there were rejected rows. */
  get artefact(): Artefact | undefined {
    return this.#artefact;
  }

  /**
   * Finishes the file. Without rejected rows there is none, and one that an earlier job left under the name goes. The file stays when the job
   * failed for bad data, since that is when it is needed; after any other failure nothing is left.
   */
  async settle(error?: unknown): Promise<void> {
    if (error !== undefined && !(error instanceof ExpectedFailure && error.kind === 'badData')) {
      await this.#output?.abort();
      return;
    }
    await this.flush();
    if (this.#output === undefined) {
      await this.#removeOld();
    }
    this.#artefact = await this.#output?.commit();
  }

  /** The output is written by now: an old file that cannot be removed must not fail the job. */
  async #removeOld(): Promise<void> {
    try {
      const location = await this.#place();
      if (location !== undefined) {
        await (await storageOf(location, this.#effects)).remove(location);
      }
    } catch (error) {
      this.#effects.log.warn(`An old file of rejected rows stays: ${messageOf(error)}`);
    }
  }

  /** Tells the operator about rejected rows, once the input has ended. */
  report(rows: number): void {
    if (this.count > 0) {
      const listed = this.#listed < this.count ? `; ${this.#listedShare('all')} rejected rows are listed` : '';
      const hint = this.#hint();
      const more = hint === undefined ? '' : `. ${hint}`;
      this.#effects.log.warn(`Rejected ${this.#summary(rows)}${listed}${more}`, { rejected: this.count, rows });
    }
  }

  /** A cluster's tasks show the first of their rejected rows only. */
  #listedShare(all: 'all' | 'All'): string {
    const { number } = this.#effects;
    return this.#listed < this.count ? `${number(this.#listed)} of ${number(this.count)}` : all;
  }

  /** @throws ExpectedFailure when `tooManyRejected` */
  throwIfTooMany(what: string, rows: number): void {
    if (tooManyRejected(this.count, rows)) {
      const where =
        this.#location === undefined ? '' : ` ${this.#listedShare('All')} of them are in ${this.#location}.`;
      throw new ExpectedFailure('badData', `Cannot use ${what}: ${this.#summary(rows)}; more than 0.1 % is too many`, {
        remedy: `${this.#hint() ?? remedy}${where}`,
      });
    }
  }

  /** What the first line seems to be, if it was rejected. */
  #hint(): string | undefined {
    const header = rejectedHeader(this.first);
    if (header !== undefined) {
      return `The first line looks like a header: its columns are ${header}. Name that of the path with --path-column, that of the product with --product-column.`;
    }
    const separator = otherSeparator(this.first);
    return separator === undefined
      ? undefined
      : `The first line seems to be separated by ${separator}: a file named .csv needs commas, any other TABs.`;
  }

  #summary(rows: number): string {
    const named = this.first.slice(0, namedPlaces).map((line) => {
      const [file, number, reason] = line.split('\t');
      return `${file}:${number}: ${reason}`;
    });
    const places = named.length === 0 ? '' : `, the first at ${named.join('; ')}`;
    const share = ((100 * this.count) / Math.max(rows, 1)).toPrecision(2);
    const { number } = this.#effects;
    return `${number(this.count)} of ${number(rows)} rows (${Number(share)} %)${places}`;
  }
}
