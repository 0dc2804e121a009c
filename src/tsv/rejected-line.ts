import { escapeBytes } from './escapes.ts';
import type { RejectReason } from './id-rules.ts';

/** Bytes of a rejected row that are kept. */
export const keptRowBytes = 1024;

/** A line of the file of rejected rows, without its end: input file, line, reason, the row's first kilobyte, all escaped. */
export function rejectedLine(file: string, line: number, reason: RejectReason, row: Uint8Array): Buffer {
  const place = escapeBytes(Buffer.from(file));
  return Buffer.concat([place, Buffer.from(`\t${line}\t${reason}\t`), escapeBytes(row.subarray(0, keptRowBytes))]);
}
