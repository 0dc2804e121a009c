import type { Writable } from 'node:stream';

/** Carriage return, and erase to the end of the line (ECMA-48): takes a progress bar away, and changes nothing where there is none. */
export const eraseLine = '\r\x1b[K';

/** Whether what is written is read on a screen; then how many characters its lines have is known too. */
export function isTerminal(stream: Writable): stream is Writable & { columns: number } {
  return 'isTTY' in stream && stream.isTTY === true && 'columns' in stream && typeof stream.columns === 'number';
}
