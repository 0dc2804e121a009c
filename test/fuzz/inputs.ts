import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';

/** Inputs of all fuzz tests together, at least. */
const inputs = Number(process.env['FUZZ'] ?? (process.env['SOAK'] === undefined ? 20_000 : 1_000_000));

/**
 * How a property is run: with so many of every 20,000 inputs, and with the seed in FUZZ_SEED, if there is one; a failure shows the seed that it
 * had. Inputs that once failed are given as `examples`, and are tried every time.
 */
export function fuzz<Input>(of20000: number, examples: NoInfer<Input>[] = []): fc.Parameters<Input> {
  const seed = process.env['FUZZ_SEED'];
  return {
    numRuns: Math.ceil((inputs * of20000) / 20_000),
    examples,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  };
}

/** Milliseconds after which a property of so many inputs is taken to hang: a hundred times what it takes on an idle machine. */
export function patience(of20000: number): number {
  return 120_000 + 1_000 * Math.ceil((inputs * of20000) / 20_000);
}

/** Bytes made of pieces, each character a byte: those that mean something to a reader, and some that mean nothing. */
export function bytesOf(pieces: readonly string[], maxPieces = 40): fc.Arbitrary<Buffer> {
  return fc
    .array(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, fc.nat(255).map(String.fromCharCode)), {
      maxLength: maxPieces,
    })
    .map((parts) => Buffer.from(parts.join(''), 'latin1'));
}

/** Bytes as the characters that `bytesOf` takes. */
export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Where a file is cut into chunks, in thousandths of its length. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.nat(999), { maxLength: 4 });

/** The chunks of a file. */
export function chunksOf(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => Math.floor((place * bytes.length) / 1000)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end));
}

/** The same as an input that is read. */
export async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** How much more memory the tests of a file may take at any moment than the test runner does before them, in KiB. */
const growth = 512 << 10;

/** Makes sure that what reads the inputs of a file keeps nothing of them, and that none takes much memory while it is read. */
export function inBoundedMemory(): void {
  let before = 0;
  beforeAll(() => {
    // From here on the peak is that of the tests (proc_pid_clear_refs(5)).
    writeFileSync('/proc/self/clear_refs', '5');
    before = peak();
  });
  afterAll(() => {
    expect(peak() - before).toBeLessThan(growth);
  });
}

/** KiB of memory that this process has had at most; `process.resourceUsage()` would count those that its parent had when it started this one. */
function peak(): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
