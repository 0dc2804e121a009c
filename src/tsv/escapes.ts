import type { ByteWriter } from './byte-writer.ts';

const backslash = 0x5c;

/**
 * What a letter stands for behind a backslash, as `mysql --batch` and LOAD DATA write and read it. Every one but the backslash itself is a
 * control character, which no id may hold. A backslash before any other byte stands for itself, so that no two texts become one.
 */
const escaped: ReadonlyMap<number, number> = new Map([
  [0x30, 0x00], // \0
  [0x62, 0x08], // \b
  [0x74, 0x09], // \t
  [0x6e, 0x0a], // \n
  [0x72, 0x0d], // \r
  [0x5a, 0x1a], // \Z
  [backslash, backslash],
]);

const letterOf: ReadonlyMap<number, number> = new Map([...escaped].map(([letter, byte]) => [byte, letter]));

/**
 * Resolves the backslash escapes of `bytes[start, end)` into `into`, from its beginning.
 *
 * @returns how many bytes were written, never more than `end - start`
 */
export function unescapeInto(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    let byte = bytes[at]!;
    if (byte === backslash && at + 1 < end) {
      const meant = escaped.get(bytes[at + 1]!);
      if (meant !== undefined) {
        byte = meant;
        at++;
      }
    }
    into[length++] = byte;
  }
  return length;
}

/** `bytes` as a field of a TSV line: backslashes, tabs, line ends and the other bytes that have an escape are escaped. */
export function escapeBytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(2 * bytes.length);
  return out.subarray(0, escapeInto(bytes, 0, bytes.length, out));
}

/**
 * The same for `bytes[start, end)`, written into `into` from its beginning.
 *
 * @returns how many bytes were written, at most `2 * (end - start)`
 */
export function escapeInto(bytes: Uint8Array, start: number, end: number, into: Uint8Array): number {
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const letter = byte < 0x20 || byte === backslash ? letterOf.get(byte) : undefined;
    if (letter === undefined) {
      into[length++] = byte;
    } else {
      into[length++] = backslash;
      into[length++] = letter;
    }
  }
  return length;
}

/** Writes the id `bytes[start, end)` as it stands in a TSV file. One of a table that somebody else filled may hold any character. */
export function writeEscapedId(output: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  let from = start;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    const letter = byte < 0x20 || byte === backslash ? letterOf.get(byte) : undefined;
    if (letter !== undefined) {
      output.copy(bytes, from, at);
      output.byte(backslash);
      output.byte(letter);
      from = at + 1;
    }
  }
  output.copy(bytes, from, end);
}

/** An id of a file as it stands in a TSV file: it holds no control characters, so only the backslash needs an escape. */
export function escapeId(id: string): string {
  return id.includes('\\') ? id.replaceAll('\\', '\\\\') : id;
}

/** The id that a field of a TSV file stands for. */
export function unescapeId(field: string): string {
  return field.includes('\\')
    ? field.replaceAll(/\\([0btnrZ\\])/g, (_, letter: string) =>
        String.fromCharCode(escaped.get(letter.charCodeAt(0))!),
      )
    : field;
}
