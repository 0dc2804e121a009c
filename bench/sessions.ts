import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** A made-up shop. */
export interface Sessions {
  readonly paths: number;
  readonly products: number;
  /** Mean number of views of a path; the lengths are geometric. */
  readonly meanViews: number;
  /** Whether one product stands in every path, and one path holds 3,000 products. */
  readonly skewed: boolean;
}

/** Writes views of a shop whose popularity falls off as r³ over the catalogue. Seeded: every run has the same rows. */
export async function writeSessions(file: string, { paths, products, meanViews, skewed }: Sessions): Promise<void> {
  const random = seeded(1);
  const out = createWriteStream(file);
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    if (!out.write(lines.join(''))) {
      await once(out, 'drain');
    }
    lines = [];
  };
  for (let path = 0; path < paths; path++) {
    if (skewed) {
      lines.push(`${path}\t0\n`);
    }
    do {
      lines.push(`${path}\t${Math.floor(products * random() ** 3)}\n`);
    } while (random() > 1 / meanViews);
    if (lines.length > 50_000) {
      await flush();
    }
  }
  for (let product = 0; skewed && product < 3_000; product++) {
    lines.push(`${paths}\t${Math.floor((product * products) / 3_000)}\n`);
  }
  await flush();
  out.end();
  await finished(out);
}

/** Numbers in [0, 1), by the generator of Numerical Recipes. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
