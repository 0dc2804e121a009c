import { besideLine, lineFeed, maxLineBytes } from './view-parser.ts';

/** One byte more makes a line too long: what is behind it need not be kept to be rejected. */
const keptOfLine = maxLineBytes + besideLine + 1;

/**
 * Gathers chunks of a file to pieces of whole lines, each in memory of its own, that can be handed to another thread.
 *
 * @param pieceBytes what a piece has at least, the last one apart
 */
export async function* linePieces(
  chunks: AsyncIterable<Buffer>,
  pieceBytes: number,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  let parts: Buffer[] = [];
  let bytes = 0;
  /** Of the line that has not ended. */
  let lineBytes = 0;
  const keep = (part: Buffer): void => {
    // An empty part would keep the whole chunk in memory.
    if (part.length > 0) {
      parts.push(part);
      bytes += part.length;
    }
  };
  for await (const chunk of chunks) {
    const first = chunk.indexOf(lineFeed);
    const rest = first === -1 ? chunk : chunk.subarray(0, first);
    keep(rest.subarray(0, Math.max(keptOfLine - lineBytes, 0)));
    lineBytes += rest.length;
    if (first !== -1) {
      const end = chunk.lastIndexOf(lineFeed) + 1;
      keep(chunk.subarray(first, end));
      if (bytes >= pieceBytes) {
        yield joined(parts, bytes);
        parts = [];
        bytes = 0;
      }
      lineBytes = chunk.length - end;
      keep(chunk.subarray(end, end + keptOfLine));
    }
  }
  if (bytes > 0) {
    yield joined(parts, bytes);
  }
}

/** `Buffer.concat` may take a share of memory that is in use elsewhere. */
function joined(parts: readonly Buffer[], bytes: number): Buffer<ArrayBuffer> {
  const piece = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const part of parts) {
    at += part.copy(piece, at);
  }
  return piece;
}
