import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import type { Output } from '../storage/output.ts';
import { escapeId, unescapeId } from '../tsv/escapes.ts';
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

/**
 * Writes the changes, `op TAB source TAB target TAB old weight TAB new weight`, and counts them. The calls are synchronous because there
 * is one for each row of both sides; `flush` between batches of rows keeps memory bounded.
 */
export class ChangeWriter {
  readonly #output: Output;
  readonly #lists = new ListCounts();
  #text = '';
  #lines = 0;
  #added = 0;
  #changed = 0;
  #removed = 0;
  #unchanged = 0;

  constructor(output: Output) {
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

  add(source: string, target: string, weight: number): void {
    this.#added++;
    this.#lists.row(source, false, true);
    this.#line('+', source, target, '', weight);
  }

  change(source: string, target: string, oldWeight: number, weight: number): void {
    this.#changed++;
    this.#lists.row(source, true, true);
    this.#line('~', source, target, oldWeight, weight);
  }

  remove(source: string, target: string, oldWeight: number): void {
    this.#removed++;
    this.#lists.row(source, true, false);
    this.#line('-', source, target, oldWeight, '');
  }

  keep(source: string): void {
    this.#unchanged++;
    this.#lists.row(source, true, true);
  }

  async flush(): Promise<void> {
    if (this.#lines > 0) {
      const text = Buffer.from(this.#text);
      const lines = this.#lines;
      this.#text = '';
      this.#lines = 0;
      await this.#output.write(text, lines);
    }
  }

  #line(op: Change['op'], source: string, target: string, oldWeight: number | '', weight: number | ''): void {
    this.#text += `${op}\t${escapeId(source)}\t${escapeId(target)}\t${oldWeight}\t${weight}\n`;
    this.#lines++;
  }
}

/** Reads back what a `ChangeWriter` wrote, some hundred or thousand changes at a time. */
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
