const tab = 0x09;
const lineFeed = 0x0a;

/** Takes one line, `bytes[start, end)`, its LF not included. */
export type LineHandler = (bytes: Buffer, start: number, end: number) => void;

/** Cuts chunks of any size into lines; a last line without LF counts. */
export function eachLine(chunks: Iterable<Buffer>, handle: LineHandler): void {
  let carry: Buffer[] = [];
  for (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      if (carry.length > 0) {
        const line = Buffer.concat([...carry, chunk.subarray(0, end)]);
        carry = [];
        handle(line, 0, line.length);
      } else {
        handle(chunk, start, end);
      }
      start = end + 1;
    }
    if (start < chunk.length) {
      // A copy: the chunk's memory is used again for the next one.
      carry.push(Buffer.from(chunk.subarray(start)));
    }
  }
  if (carry.length > 0) {
    const line = Buffer.concat(carry);
    handle(line, 0, line.length);
  }
}

/** Takes one field, `bytes[start, end)`, and whether its line ends with it. */
export type FieldHandler = (bytes: Buffer, start: number, end: number, endsLine: boolean) => void;

/** Cuts chunks of any size into the fields of their lines, which may be longer than memory; a last line without LF counts. */
export function eachField(chunks: Iterable<Buffer>, handle: FieldHandler): void {
  let carry: Buffer[] = [];
  let inLine = false;
  for (const chunk of chunks) {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === tab || byte === lineFeed) {
        const endsLine = byte === lineFeed;
        if (carry.length > 0) {
          const field = Buffer.concat([...carry, chunk.subarray(start, at)]);
          carry = [];
          handle(field, 0, field.length, endsLine);
        } else {
          handle(chunk, start, at, endsLine);
        }
        start = at + 1;
        inLine = !endsLine;
      }
    }
    if (start < chunk.length) {
      // A copy: the chunk's memory is used again for the next one.
      carry.push(Buffer.from(chunk.subarray(start)));
    }
  }
  if (inLine || carry.length > 0) {
    const field = Buffer.concat(carry);
    handle(field, 0, field.length, true);
  }
}

/** Where the field that begins at `start` ends: at the next TAB, or with the line. */
export function fieldEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== tab) {
    at++;
  }
  return at;
}
