import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import path from 'node:path';
import { seededRandom } from '../src/seeded-random.ts';

/** Shares of the relations that a night changes, adds and removes. */
interface Night {
  readonly changed: number;
  readonly added: number;
  readonly removed: number;
}

/** What the files of `writeNights` are, by name. Calm is a small shop's day, busy what one day does to a window of 90. */
export const nights: Readonly<Record<'calm' | 'busy', Night>> = {
  calm: { changed: 0.02, added: 0.01, removed: 0.01 },
  busy: { changed: 0.15, added: 0.006, removed: 0.006 },
};

/** Relations of a product. */
export const perProduct = 50;

/** Rows of the second nights that the first lacks are chosen among so many. */
const spare = 0.02;

/** Writes `first.tsv`, `calm.tsv` and `busy.tsv` of about `rows` relations to `folder`; changes are spread evenly. Seeded. */
export async function writeNights(folder: string, rows: number): Promise<void> {
  const names = ['first', 'calm', 'busy'] as const;
  const outputs = names.map((name) => createWriteStream(path.join(folder, `${name}.tsv`)));
  const texts = names.map(() => '');
  const products = Math.round(rows / perProduct);
  const step = products / (perProduct * (1 + spare));
  const random = seededRandom(12_345);
  for (let product = 1; product <= products; product++) {
    for (let at = 0; ; at++) {
      const target = Math.floor(1 + at * step + random() * step * 0.9);
      if (target > products) {
        break;
      }
      const weight = 1 + Math.floor(1 / (random() + 0.01));
      const [isSpare, chance, spareChance] = [random() < spare, random(), random()];
      if (target === product) {
        continue;
      }
      for (const [nr, name] of names.entries()) {
        const shown =
          name === 'first'
            ? isSpare
              ? 0
              : weight
            : nextWeight(nights[name], weight, isSpare ? spareChance : undefined, chance);
        texts[nr] += shown === 0 ? '' : `${product}\t${target}\t${shown}\n`;
      }
    }
    for (const [nr, output] of outputs.entries()) {
      if ((texts[nr]?.length ?? 0) > 1 << 20) {
        await write(output, texts[nr] ?? '');
        texts[nr] = '';
      }
    }
  }
  await Promise.all(
    outputs.map(async (output, nr) => {
      output.end(texts[nr]);
      await once(output, 'close');
    }),
  );
}

/** The weight in a second night, 0 for none. */
function nextWeight(
  { changed, added, removed }: Night,
  weight: number,
  spareChance: number | undefined,
  chance: number,
): number {
  if (spareChance !== undefined) {
    return spareChance < added / spare ? weight : 0;
  }
  return chance < removed ? 0 : chance < removed + changed ? weight + 1 : weight;
}

async function write(output: WriteStream, text: string): Promise<void> {
  if (!output.write(text)) {
    await once(output, 'drain');
  }
}
