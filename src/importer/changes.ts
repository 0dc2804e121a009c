import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import type { Output } from '../storage/output.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { unescapeId } from '../tsv/escapes.ts';
import { type RelationBatch, writeInteger } from '../tsv/relation-batch.ts';
import { ListCounts, type Lists } from './list-counts.ts';

/** How many relations a comparison found to be what. */
export interface ChangeCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** Sources that had a list. */
  readonly sourcesBefore: number;
  readonly gained: Lists;
  readonly lost: Lists;
}

/** A relation to insert, to give another weight, or to delete. */
export interface Change {
  readonly op: '+' | '~' | '-';
  readonly source: string;
  readonly target: string;
  /** The old weight; 0 when the relation is new. */
  readonly before: number;
  /** The new weight; of a removed relation the old one. */
  readonly weight: number;
}

const tab = 0x09;
const lineFeed = 0x0a;

/** The first byte of a line. */
export const opBytes = { '+': 0x2b, '~': 0x7e, '-': 0x2d } as const;

/**
 * Writes the changes, `op TAB source TAB target TAB old weight TAB new weight`, and counts them. The calls are synchronous because there
 * is one for each row of both sides; `flush` between batches of rows keeps memory bounded.
 */
export class ChangeWriter {
  readonly #output: Output | undefined;
  readonly #lists = new ListCounts();
  readonly #text = new ByteWriter(1 << 16);
  #lines = 0;
  #added = 0;
  #changed = 0;
  #removed = 0;
  #unchanged = 0;

  /** @param output where the changes go; without it they are counted only */
  constructor(output: Output | undefined) {
    this.#output = output;
  }

  /** Once the last row was written. */
  get counts(): ChangeCounts {
    this.#lists.end();
    return {
      added: this.#added,
      changed: this.#changed,
      removed: this.#removed,
      unchanged: this.#unchanged,
      sourcesBefore: this.#lists.before,
      gained: this.#lists.gained,
      lost: this.#lists.lost,
    };
  }

  /** The rows that follow are of the source of row `at`, some among the old ones, the new ones, or both; may be said several times. */
  list(batch: RelationBatch, at: number, old: boolean, next: boolean): void {
    this.#lists.row(batch.source(at), old, next);
  }

  add(next: RelationBatch, at: number): void {
    this.#added++;
    this.#line('+', next, at, undefined, next.weights[at]);
  }

  /** A relation that stays, with its old weight or another one. */
  keep(oldWeight: number, next: RelationBatch, at: number): void {
    if (oldWeight === next.weights[at]) {
      this.#unchanged++;
    } else {
      this.#changed++;
      this.#line('~', next, at, oldWeight, next.weights[at]);
    }
  }

  remove(old: RelationBatch, at: number): void {
    this.#removed++;
    this.#line('-', old, at, old.weights[at], undefined);
  }

  async flush(): Promise<void> {
    const { length } = this.#text;
    if (length > 0) {
      const lines = this.#lines;
      const text = this.#text.bytes.slice(0, length);
      this.#text.length = 0;
      this.#lines = 0;
      await this.#output?.write(text, lines);
    }
  }

  #line(
    op: Change['op'],
    batch: RelationBatch,
    at: number,
    oldWeight: number | undefined,
    weight: number | undefined,
  ): void {
    if (this.#output !== undefined) {
      writeChange(this.#text, op, batch, at, oldWeight, weight);
      this.#lines++;
    }
  }
}

/** Writes the line that says what becomes of a relation, row `at` of `batch`. */
export function writeChange(
  text: ByteWriter,
  op: Change['op'],
  batch: RelationBatch,
  at: number,
  oldWeight: number | undefined,
  weight: number | undefined,
): void {
  text.byte(opBytes[op]);
  text.byte(tab);
  batch.writeSource(text, at);
  text.byte(tab);
  batch.writeTarget(text, at);
  for (const each of [oldWeight, weight]) {
    text.byte(tab);
    if (each !== undefined) {
      writeInteger(text, each);
    }
  }
  text.byte(lineFeed);
}

/** Reads back what a `ChangeWriter` wrote, some hundred or thousand changes at a time, to show them. */
export async function* readChanges(location: string, effects: Effects): AsyncGenerator<Change[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let carry = '';
  for await (const chunk of readBytes(location, effects)) {
    const lines = (carry + decoder.decode(chunk, { stream: true })).split('\n');
    carry = lines.pop() ?? '';
    yield lines.map(parseChange);
  }
}

function parseChange(line: string): Change {
  const [op, source = '', target = '', before, after] = line.split('\t');
  if (op !== '+' && op !== '~' && op !== '-') {
    throw new Error(`Not a line of changes: ${line}`);
  }
  return {
    op,
    source: unescapeId(source),
    target: unescapeId(target),
    before: Number(before),
    weight: Number(op === '-' ? before : after),
  };
}
