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

/** Where the field that begins at `start` ends: at the next TAB, or with the line. */
export function fieldEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== 0x09) {
    at++;
  }
  return at;
}
