import type { ByteWriter } from '../tsv/byte-writer.ts';
import type { Counters } from './counters.ts';
import { eachLine, fieldEnd } from './lines.ts';
import { WeightRow, type WeightRowOptions } from './weight-row.ts';

const zero = 0x30;
const maxCount = 2 ** 32 - 1;

/**
 * The reducer of the weights phase: stripes `source (TAB target TAB count)*`, those of a source together, to relations
 * `source TAB target TAB weight` with the targets of a source in order. Sources come out in the order in which they come in.
 *
 * Memory: the ids of the targets seen and some 50 bytes for each. They are forgotten between two sources when they take more than
 * `options.memory`; the list of one source has to fit.
 */
export function reduceWeights(
  chunks: Iterable<Buffer>,
  output: ByteWriter,
  counters: Counters,
  options: WeightRowOptions,
): void {
  const row = new WeightRow(options);
  let source: Buffer | undefined;
  const endSource = (): void => {
    if (source !== undefined) {
      row.write(source, output, counters);
    }
  };
  eachLine(chunks, (bytes, start, end) => {
    const sourceEnd = fieldEnd(bytes, start, end);
    if (source === undefined || source.compare(bytes, start, sourceEnd) !== 0) {
      endSource();
      source = Buffer.from(bytes.subarray(start, sourceEnd));
    }
    // A stripe without targets ends at once, or with the TAB that Hadoop puts behind a line without a value.
    for (let at = sourceEnd + 1; at < end; ) {
      const targetEnd = fieldEnd(bytes, at, end);
      const countEnd = fieldEnd(bytes, targetEnd + 1, end);
      row.add(bytes, at, targetEnd, countOf(bytes, targetEnd + 1, countEnd));
      at = countEnd + 1;
    }
  });
  endSource();
  output.flush();
  row.report(counters);
}

function countOf(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - zero;
    if (digit < 0 || digit > 9) {
      throw new Error(`Cannot read a stripe: ${bytes.toString('utf8', start, end)} is no count`);
    }
    count = 10 * count + digit;
  }
  if (count === 0 || count > maxCount) {
    throw new Error(`Cannot read a stripe: the count ${count} is not between 1 and ${maxCount}`);
  }
  return count;
}
