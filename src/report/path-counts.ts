import type { Effects } from '../effects.ts';
import { readWhole } from '../storage/input.ts';
import { escapeBytes, unescapeInto } from '../tsv/escapes.ts';

const lineFeed = Buffer.from('\n');
const tab = Buffer.from('\t');

/** What is known of the paths of products. */
export interface Paths {
  /** Paths with a product; 0 for one that nobody viewed. */
  readonly of: (product: string) => number;
  /** Products that are in paths; `undefined` where only some were counted. */
  readonly products: (() => Iterable<string>) | undefined;
  /** Paths in all; `undefined` unless a score needs it. */
  readonly all: number | undefined;
  /** Paths with both products; `undefined` where they are those that were related, so that the weights say it. */
  readonly both: ((source: string, target: string) => number) | undefined;
}

/** A run's file of path counts, and how many paths count in all. */
export interface PathCountsFile {
  readonly location: string;
  readonly all: number;
}

/**
 * Reads a file of path counts. It is searched as it is, from where the last product was found: those of a list are in the order of the file, so
 * that all of them take one pass. Memory: the file, some 12 bytes a product.
 *
 * @throws ExpectedFailure when it cannot be read
 */
export async function readPathCounts({ location, all }: PathCountsFile, effects: Effects): Promise<Paths> {
  const bytes = Buffer.concat([lineFeed, await readWhole(location, effects)]);
  let last = 0;
  const of = (product: string): number => {
    const line = Buffer.concat([lineFeed, escapeBytes(Buffer.from(product)), tab]);
    const next = bytes.indexOf(line, last);
    const at = next === -1 ? bytes.indexOf(line) : next;
    if (at === -1) {
      return 0;
    }
    last = at;
    const start = at + line.length;
    return Number(bytes.toString('latin1', start, bytes.indexOf(lineFeed, start)));
  };
  return { of, products: () => productsIn(bytes), all, both: undefined };
}

/** The first field of each line. */
function* productsIn(lines: Buffer): Generator<string> {
  for (let at = 1; at < lines.length; at = lines.indexOf(lineFeed, at) + 1 || lines.length) {
    const product = Buffer.from(lines.subarray(at, lines.indexOf(tab, at)));
    yield product.toString('utf8', 0, unescapeInto(product, 0, product.length, product));
  }
}
