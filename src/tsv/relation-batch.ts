const noBytes = new Uint8Array(0);

/** Rows that a batch has room for at first. */
const initialRows = 8192;

/**
 * Some relations, in columns. Ids are bytes of UTF-8, escapes resolved, all in one buffer: a string for every id is what comparing millions
 * of rows would wait for. Rows of one list that follow each other share the place of their source. 24 bytes a row, and the ids.
 */
export class RelationBatch {
  /** Holds the ids. */
  bytes: Uint8Array = noBytes;
  /** Rows. */
  length = 0;
  sourceStarts: Int32Array = new Int32Array(initialRows);
  sourceEnds: Int32Array = new Int32Array(initialRows);
  targetStarts: Int32Array = new Int32Array(initialRows);
  targetEnds: Int32Array = new Int32Array(initialRows);
  /** Numbers of paths. */
  weights: Float64Array = new Float64Array(initialRows);
  /** The number, from 1, of the line that holds the first row; 0 when the rows are not from a file. */
  firstLine = 0;

  push(sourceStart: number, sourceEnd: number, targetStart: number, targetEnd: number, weight: number): void {
    const at = this.length;
    if (at === this.weights.length) {
      this.#grow();
    }
    this.sourceStarts[at] = sourceStart;
    this.sourceEnds[at] = sourceEnd;
    this.targetStarts[at] = targetStart;
    this.targetEnds[at] = targetEnd;
    this.weights[at] = weight;
    this.length = at + 1;
  }

  source(at: number): string {
    return text(this.bytes, this.sourceStarts[at]!, this.sourceEnds[at]!);
  }

  target(at: number): string {
    return text(this.bytes, this.targetStarts[at]!, this.targetEnds[at]!);
  }

  /** The row behind the last one of this batch that belongs to the list of row `at`. */
  listEnd(at: number): number {
    const start = this.sourceStarts[at];
    let end = at + 1;
    while (end < this.length && this.sourceStarts[end] === start) {
      end++;
    }
    return end;
  }

  #grow(): void {
    const longer = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const rows = 2 * this.weights.length;
    this.sourceStarts = longer(this.sourceStarts, new Int32Array(rows));
    this.sourceEnds = longer(this.sourceEnds, new Int32Array(rows));
    this.targetStarts = longer(this.targetStarts, new Int32Array(rows));
    this.targetEnds = longer(this.targetEnds, new Int32Array(rows));
    this.weights = longer(this.weights, new Float64Array(rows));
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
