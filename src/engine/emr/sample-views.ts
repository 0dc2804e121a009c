import { stat } from 'node:fs/promises';
import { pipeline, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import pLimit from 'p-limit';
import type { Effects } from '../../effects.ts';
import { fileFailure } from '../../failure.ts';
import { sizeOf } from '../../storage/s3-tree.ts';
import { storageOf } from '../../storage/storage.ts';
import type { ViewColumns } from '../../tsv/view-columns.ts';
import { ViewParser } from '../../tsv/view-parser.ts';
import { PathSample } from './path-sample.ts';

/** Bytes of the input that are read, as they are stored: some seconds of reading. What is behind them is extrapolated. */
const budgetBytes = 256 << 20;

/** Files that are read from, spread over the input, when there are more. */
const filesRead = 64;

/** Requests for the sizes of files in flight. */
const sizesInFlight = 16;

/** What is known of views before they are related. */
export interface ViewEstimate {
  /** Distinct views, paths, and ordered pairs of products: the sum of n(n−1) over the paths. */
  readonly views: number;
  readonly paths: number;
  readonly pairs: number;
  readonly bytes: number;
  readonly bytesRead: number;
  /** Whether the figures are counted, not estimated. */
  readonly exact: boolean;
}

/**
 * Estimates the size of a job in one pass over its views, or over the first 256 MiB of them, in bounded memory: it keeps the paths whose hash is in
 * a share of all hashes that is halved whenever memory is full. Rejected rows do not count.
 *
 * What was not read is extrapolated by how the pairs grew between the first half of what was read and all of it: with the bytes when the views of
 * a path are near each other, with their square when they are scattered.
 *
 * @param files paths and `s3://` addresses of TSV files
 */
export async function sampleViews(
  files: readonly string[],
  columns: ViewColumns,
  maxPathProducts: number,
  effects: Effects,
  budget: number = budgetBytes,
): Promise<ViewEstimate> {
  const sizes = await sizesOf(files, effects);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const step = Math.max(1, files.length / filesRead);
  const chosen = files.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
  const perFile = bytes <= budget ? Number.POSITIVE_INFINITY : budget / Math.min(chosen.length, filesRead);
  const sample = new PathSample(maxPathProducts);
  let bytesRead = 0;
  let half = { bytes: 0, pairs: 0 };
  for (const file of bytes <= budget ? files : chosen) {
    bytesRead += await readFile(file, perFile, columns, sample, effects, (read) => {
      if (half.bytes === 0 && bytesRead + read >= budget / 2) {
        half = { bytes: bytesRead + read, pairs: sample.pairs() };
      }
    });
  }
  const { views, paths, rate } = sample;
  const pairs = sample.pairs();
  const whole = bytesRead >= bytes;
  const growth =
    half.pairs > 0 && bytesRead > half.bytes ? Math.log(pairs / half.pairs) / Math.log(bytesRead / half.bytes) : 1;
  const power = Math.min(2, Math.max(1, growth));
  const ratio = whole ? 1 : bytes / bytesRead;
  return {
    views: Math.round(views * ratio),
    paths: Math.round(paths * ratio ** (2 - power)),
    pairs: Math.round(pairs * ratio ** power),
    bytes,
    bytesRead,
    exact: whole && rate === 1,
  };
}

/** Reads up to `limit` stored bytes of a file into the sample: how many it read. */
async function readFile(
  file: string,
  limit: number,
  columns: ViewColumns,
  sample: PathSample,
  effects: Effects,
  progress: (read: number) => void,
): Promise<number> {
  const parser = new ViewParser(columns, {
    view: (bytes, pathStart, pathEnd, productStart, productEnd) =>
      sample.add(bytes, pathStart, pathEnd, productStart, productEnd),
    reject: () => {},
  });
  const stored = await (await storageOf(file, effects)).open(file);
  let read = 0;
  const counting = new Transform({
    transform(chunk, _encoding, callback) {
      read += chunk.length;
      callback(null, chunk);
    },
  });
  // A failure of any of them ends the last one, which is read.
  const ended = (): void => {};
  const last = file.endsWith('.gz')
    ? pipeline(stored, counting, createGunzip(), ended)
    : pipeline(stored, counting, ended);
  try {
    for await (const chunk of last) {
      effects.signal.throwIfAborted();
      parser.push(chunk);
      progress(read);
      if (read >= limit) {
        break;
      }
    }
  } catch (error) {
    effects.signal.throwIfAborted();
    throw fileFailure('read', file, error);
  }
  parser.end();
  return read;
}

async function sizesOf(files: readonly string[], effects: Effects): Promise<number[]> {
  const limit = pLimit(sizesInFlight);
  return await Promise.all(
    files.map((file) =>
      limit(async () => {
        try {
          return file.startsWith('s3://') ? ((await sizeOf(file, effects)) ?? 0) : (await stat(file)).size;
        } catch (error) {
          throw fileFailure('read', file, error);
        }
      }),
    ),
  );
}
