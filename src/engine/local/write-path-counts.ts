import type { Effects } from '../../effects.ts';
import { type Artefact, writeFile } from '../../storage/output.ts';
import { ByteWriter } from '../../tsv/byte-writer.ts';
import { type OutputIds, writeId } from './output-ids.ts';

const linesAtOnce = 1 << 14;

/** Writes a line `product TAB paths` for each product, in output order. Bounded memory. */
export async function writePathCounts(
  location: string,
  ids: OutputIds,
  counts: Uint32Array,
  effects: Effects,
): Promise<Artefact> {
  const { artefact } = await writeFile(location, effects, async (output) => {
    for (let from = 0; from < counts.length; from += linesAtOnce) {
      const to = Math.min(counts.length, from + linesAtOnce);
      const lines = new ByteWriter(linesAtOnce * 16);
      for (let product = from; product < to; product++) {
        writeId(ids, product, lines);
        lines.number(counts[product]!);
        lines.byte(0x0a);
      }
      await output.write(lines.bytes.subarray(0, lines.length), to - from);
    }
  });
  return artefact;
}
