const firstBytes = 1 << 21;

/** Bytes of a block, and how many of them count: `bytes[0, length)`. */
export interface BlockBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
}

/** A buffer that grows while a block is written into it. */
export class BlockBuffer {
  bytes: Uint8Array<ArrayBuffer> = Buffer.allocUnsafeSlow(0);
  length = 0;
  /** The next buffer begins with the size of the last one: what a buffer outgrows stays in the memory of its thread for long. */
  #nextBytes = firstBytes;

  /** Takes memory that nobody needs any more for the next block: new memory costs as much as writing it to a file in memory. */
  reuse(bytes: Uint8Array<ArrayBuffer> | undefined): void {
    if (bytes !== undefined) {
      this.bytes = bytes;
    }
  }

  makeRoom(needed: number): void {
    if (this.length + needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#nextBytes, wholeBuffer(this.length + needed)));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
  }

  /** What was written since the last time, for the caller to keep. */
  take(): BlockBytes {
    const { bytes, length } = this;
    this.#nextBytes = wholeBuffer(length);
    this.bytes = Buffer.allocUnsafeSlow(0);
    this.length = 0;
    return { bytes, length };
  }
}

/** The size of a buffer for so many bytes. There are few sizes, because the C library's allocator keeps the gaps between others. */
function wholeBuffer(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, firstBytes)));
}
