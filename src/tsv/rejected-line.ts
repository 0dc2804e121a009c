import { escapeInto } from './escapes.ts';
import type { RejectReason } from './id-rules.ts';

/** Bytes of a rejected row that are kept. */
export const keptRowBytes = 1024;

/** A line of the file of rejected rows, without its end: input file, line, reason, the row's first kilobyte, all escaped. */
export function rejectedLine(file: string, line: number, reason: RejectReason, row: Uint8Array): Buffer {
  const place = Buffer.from(file);
  const reasoned = Buffer.from(`\t${line}\t${reason}\t`);
  const kept = row.subarray(0, keptRowBytes);
  // One buffer for all: there may be as many of these as rows.
  const bytes = Buffer.allocUnsafe(2 * place.length + reasoned.length + 2 * kept.length);
  let end = escapeInto(place, 0, place.length, bytes);
  end += reasoned.copy(bytes, end);
  end += escapeInto(kept, 0, kept.length, bytes.subarray(end));
  return bytes.subarray(0, end);
}
