import type { Effects, Progress } from './effects.ts';

/**
 * The same parts of something long; on the way it is told how much of it there was.
 *
 * @param parts each of some `unit`s: rows of a batch, bytes of a chunk
 * @param total how many there will be, where that is known, or can be told better and better on the way
 */
export async function* withProgress<T extends { readonly length: number }>(
  parts: AsyncIterable<T>,
  stage: string,
  unit: Progress['unit'],
  { progress }: Effects,
  total?: number | (() => number | undefined),
): AsyncGenerator<T> {
  const all = typeof total === 'function' ? total : () => total;
  let done = 0;
  progress({ stage, done, total: all(), unit });
  try {
    for await (const part of parts) {
      yield part;
      done += part.length;
      progress({ stage, done, total: all(), unit });
    }
  } finally {
    // Takes the bar away, whether or not all were taken.
    progress({ stage, done, total: done, unit });
  }
}
