const tab = 0x09;
const lineFeed = 0x0a;

/**
 * Cuts a relations file, given in chunks of any size, into blocks that begin and end with a source's list.
 *
 * @param minBytes of a block, unless it is the last; a longer list makes a longer block
 */
export async function* wholeLists(chunks: AsyncIterable<Buffer>, minBytes: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes >= minBytes) {
      const block = Buffer.concat(waiting);
      const end = lastListStart(block);
      if (end > 0) {
        yield block.subarray(0, end);
      }
      waiting = [block.subarray(end)];
      // A list that is longer than a block is not looked through again for each chunk.
      bytes = end > 0 ? block.length - end : 0;
    }
  }
  const rest = Buffer.concat(waiting);
  if (rest.length > 0) {
    yield rest;
  }
}

/** Where the list of the last whole line of `block` begins; 0 when it fills the block. */
function lastListStart(block: Buffer): number {
  const lastEnd = block.lastIndexOf(lineFeed);
  let start = lastEnd <= 0 ? 0 : block.lastIndexOf(lineFeed, lastEnd - 1) + 1;
  const source = block.subarray(start, block.indexOf(tab, start) + 1);
  while (start > 0) {
    const before = start === 1 ? 0 : block.lastIndexOf(lineFeed, start - 2) + 1;
    if (!block.subarray(before, before + source.length).equals(source)) {
      break;
    }
    start = before;
  }
  return start;
}
