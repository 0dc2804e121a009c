import type { ByteWriter } from '../tsv/byte-writer.ts';
import type { Counters } from './counters.ts';
import { eachField } from './lines.ts';
import { WeightRow, type WeightRowOptions } from './weight-row.ts';

const zero = 0x30;
const maxCount = 2 ** 32 - 1;
const firstTargetBytes = 1 << 10;

/**
 * The reducer of the weights phase: stripes `source (TAB target TAB count)*`, those of a source together, to relations
 * `source TAB target TAB weight` with the targets of a source in order. Sources come out in the order in which they come in.
 *
 * Memory: the ids of the targets seen and some 60 bytes for each, up to `options.memory`. Then they are forgotten, and the list of the source at
 * hand goes to a temporary file.
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
  /** The target whose count comes next; the memory of a field is not its own. */
  let target = Buffer.alloc(firstTargetBytes);
  let length = 0;
  let place: 'source' | 'target' | 'count' = 'source';
  eachField(chunks, (bytes, start, end, endsLine) => {
    if (place === 'source') {
      if (source === undefined || source.compare(bytes, start, end) !== 0) {
        endSource();
        source = Buffer.from(bytes.subarray(start, end));
      }
    } else if (place === 'target') {
      length = end - start;
      if (length > target.length) {
        target = Buffer.alloc(2 * length);
      }
      // A loop, because ids are shorter than what a call of `copy` costs.
      for (let at = start; at < end; at++) {
        target[at - start] = bytes[at]!;
      }
    } else {
      row.add(target, 0, length, countOf(bytes, start, end));
    }
    // A stripe without targets ends at once, or with the TAB that Hadoop puts behind a line without a value.
    if (endsLine && place === 'target' && length > 0) {
      throw new Error(`Cannot read a stripe: ${target.toString('utf8', 0, length)} has no count`);
    }
    place = endsLine ? 'source' : place === 'target' ? 'count' : 'target';
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
