/**
 * Writes seeded views to standard output, the same bytes at every run: `npx tsx bench/generate.ts sessions|dense|wide|huge [rows] [text]`.
 *
 * The model: many visits are under way at once, and each next view belongs to a random one of them, as in a shop's log. Lengths of visits are
 * log-normal (most are short, a few are very long), products have a long tail (Zipf), and an id says nothing of popularity.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '../src/seeded-random.ts';

interface Shape {
  readonly rows: number;
  readonly products: number;
  /** Mean views of a path, and the spread of their logarithm. */
  readonly mean: number;
  readonly spread: number;
  /** Exponent of Zipf's law. */
  readonly zipf: number;
}

export const shapes: Readonly<Record<string, Shape>> = {
  sessions: { rows: 10_000_000, products: 50_000, mean: 6, spread: 1.2, zipf: 0.8 },
  dense: { rows: 1_000_000, products: 3_700, mean: 170, spread: 0.5, zipf: 0.6 },
  wide: { rows: 5_000_000, products: 1_500_000, mean: 8, spread: 1.1, zipf: 0.7 },
  huge: { rows: 100_000_000, products: 50_000, mean: 6, spread: 1, zipf: 0.9 },
};

/** Visits under way at once, at the most. */
const maxOpenVisits = 2_000;
/** Odd, and prime to every number of products above: multiplying by it permutes them. */
const permutation = 2_654_435_761;

/** Draws products, 0 the most popular one, by the alias method (Vose 1991): two look-ups a draw. */
function zipf(products: number, exponent: number, next: () => number): () => number {
  const shares = Float64Array.from({ length: products }, (_, rank) => (rank + 1) ** -exponent);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const chances = shares.map((share) => (share * products) / total);
  const alias = new Uint32Array(products);
  const small: number[] = [];
  const large: number[] = [];
  chances.forEach((chance, rank) => {
    (chance < 1 ? small : large).push(rank);
  });
  for (let less = small.pop(), more = large.pop(); less !== undefined && more !== undefined; ) {
    alias[less] = more;
    chances[more]! -= 1 - chances[less]!;
    if (chances[more]! < 1) {
      less = more;
      more = large.pop();
    } else {
      less = small.pop();
    }
  }
  return () => {
    const rank = Math.floor(next() * products);
    return next() < chances[rank]! ? rank : alias[rank]!;
  };
}

/** The rows of a data set, in chunks of whole lines. Text ids are UUIDs for paths and 12 characters for products. */
export function* generate(shape: Shape, rows: number, text: boolean): Generator<Buffer> {
  const next = seededRandom(1);
  const product = zipf(shape.products, shape.zipf, next);
  const middle = Math.log(shape.mean) - shape.spread ** 2 / 2;
  let paths = 0;
  const visit = (): { id: string; left: number } => {
    const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const path = ++paths;
    return {
      id: text ? uuid(path) : String(path),
      left: Math.max(1, Math.round(Math.exp(middle + shape.spread * normal))),
    };
  };
  const openVisits = Math.min(maxOpenVisits, Math.ceil(rows / shape.mean / 50));
  const open = Array.from({ length: openVisits }, visit);
  const productIds = Array.from({ length: shape.products }, (_, rank) => {
    const number = 1 + ((rank * permutation) % shape.products);
    return text ? `SKU-${String(number).padStart(8, '0')}` : String(number);
  });
  let lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const at = Math.floor(next() * openVisits);
    const visitNow = open[at]!;
    lines.push(`${visitNow.id}\t${productIds[product()]}\n`);
    if (--visitNow.left === 0) {
      open[at] = visit();
    }
    if (lines.length === 1 << 15) {
      yield Buffer.from(lines.join(''), 'latin1');
      lines = [];
    }
  }
  yield Buffer.from(lines.join(''), 'latin1');
}

function uuid(path: number): string {
  const hex = (seed: number): string => (Math.imul(path ^ seed, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  const digits = hex(0) + hex(0x5bd1e995) + hex(0x27d4eb2f) + hex(0x165667b1);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [name = '', rows, kind] = process.argv.slice(2);
  const shape = shapes[name];
  if (shape === undefined) {
    throw new Error(`There is no data set ${name}: ${Object.keys(shapes).join(', ')}`);
  }
  await pipeline(Readable.from(generate(shape, Number(rows ?? shape.rows), kind === 'text')), process.stdout);
}
