import { allocate8 } from './shared-kernel.ts';

const firstBytes = 1 << 21;

/** Bytes of a block, and how many of them count: `bytes[0, length)`. */
export interface BlockBytes {
  /** In the memory that threads share. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** A buffer in the memory of the kernel, which writes into it; it grows while a block is written. */
export class BlockBuffer {
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;
  readonly #memory: WebAssembly.Memory;
  /** The next buffer begins with the size of the last one: what a buffer outgrows is lost. */
  #nextBytes = firstBytes;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Takes memory that nobody needs any more for the next block. */
  reuse(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined) {
      this.bytes = bytes;
    }
  }

  /** The address behind what was written so far. */
  get end(): number {
    return this.bytes.byteOffset + this.length;
  }

  makeRoom(needed: number): void {
    if (this.length + needed > this.bytes.length) {
      const grown = allocate8(this.#memory, Math.max(this.#nextBytes, wholeBuffer(this.length + needed)));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
  }

  /** What was written since the last time, for the caller to keep. */
  take(): BlockBytes {
    const { bytes, length } = this;
    this.#nextBytes = wholeBuffer(length);
    this.bytes = new Uint8Array(0);
    this.length = 0;
    return { bytes, length };
  }
}

/** The size of a buffer for so many bytes: doubled, so that little is lost to growing. */
function wholeBuffer(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, firstBytes)));
}
