import { isUtf8 } from 'node:buffer';

/** Why a row does not count. The same words stand in `rejected.tsv`, in messages and in the counters of every engine. */
export const rejectReasons = {
  fields: 'wrong number of fields',
  empty: 'empty field',
  null: 'NULL',
  utf8: 'invalid UTF-8',
  control: 'control character',
  long: 'id longer than 255 characters',
  line: 'line longer than 1 MiB',
  quote: 'stray quote',
} as const;

export type RejectReason = (typeof rejectReasons)[keyof typeof rejectReasons];

/** Characters (code points) of the longest id: what a VARCHAR(255) holds. */
export const maxIdCharacters = 255;

/** A code point takes at most four bytes in UTF-8. */
export const maxIdBytes: number = 4 * maxIdCharacters;

/** Whether `bytes[start, end)` is the text `NULL`, which `mysql --batch` writes for a missing value. */
export function isNull(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    bytes[start] === 0x4e &&
    bytes[start + 1] === 0x55 &&
    bytes[start + 2] === 0x4c &&
    bytes[start + 3] === 0x4c
  );
}

/** Why the id `bytes[start, end)`, escapes resolved, cannot count, or `undefined` when it can. */
export function rejectReasonOf(bytes: Uint8Array, start: number, end: number): RejectReason | undefined {
  if (start === end) {
    return rejectReasons.empty;
  }
  if (isNull(bytes, start, end)) {
    return rejectReasons.null;
  }
  let characters = 0;
  let ascii = true;
  let control = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    ascii &&= byte < 0x80;
    control ||= byte < 0x20 || byte === 0x7f;
    // A continuation byte of UTF-8 (10xxxxxx) begins no character.
    characters += (byte & 0xc0) === 0x80 ? 0 : 1;
  }
  if (!ascii && !isUtf8(bytes.subarray(start, end))) {
    return rejectReasons.utf8;
  }
  if (control) {
    return rejectReasons.control;
  }
  return characters > maxIdCharacters ? rejectReasons.long : undefined;
}
