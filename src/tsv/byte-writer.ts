const zero = 0x30;
const maxDigits = 16;

/** Bytes written piece by piece into one buffer, which grows, or is handed to a sink whenever it is full. */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>;
  length = 0;
  readonly #sink: ((bytes: Uint8Array) => void) | undefined;

  /**
   * @param capacity bytes of the buffer at first
   * @param sink takes what is written; the bytes are valid during the call. Without one, the buffer grows and keeps everything
   */
  constructor(capacity: number, sink?: (bytes: Uint8Array) => void) {
    this.bytes = new Uint8Array(capacity);
    this.#sink = sink;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) {
      this.#makeRoom(1);
    }
    this.bytes[this.length++] = value;
  }

  /** Copies `from[start, end)`. A loop, because most pieces are shorter than a call of `set` costs. */
  copy(from: Uint8Array, start: number, end: number): void {
    if (this.length + end - start > this.bytes.length) {
      this.#makeRoom(end - start);
    }
    const { bytes } = this;
    let at = this.length;
    for (let place = start; place < end; place++) {
      bytes[at++] = from[place]!;
    }
    this.length = at;
  }

  /** A text of ASCII characters. */
  ascii(text: string): void {
    if (this.length + text.length > this.bytes.length) {
      this.#makeRoom(text.length);
    }
    for (let at = 0; at < text.length; at++) {
      this.bytes[this.length++] = text.charCodeAt(at);
    }
  }

  /** The decimal digits of a whole number. */
  number(value: number): void {
    if (this.length + maxDigits > this.bytes.length) {
      this.#makeRoom(maxDigits);
    }
    if (value < 2 ** 31) {
      this.#small(value);
      return;
    }
    if (value > Number.MAX_SAFE_INTEGER) {
      // A weight of somebody else's row: dividing it by steps would not leave digits.
      this.ascii(String(BigInt(value)));
      return;
    }
    let end = this.length + 1;
    for (let bound = 10; value >= bound; bound *= 10) {
      end++;
    }
    let rest = value;
    for (let place = end - 1; place >= this.length; place--) {
      const quotient = Math.floor(rest / 10);
      // In this order: the sum with `zero` could be beyond 2^53.
      this.bytes[place] = zero + (rest - 10 * quotient);
      rest = quotient;
    }
    this.length = end;
  }

  /** Arithmetic of 32 bits is three times as fast. */
  #small(value: number): void {
    let end = this.length + 1;
    for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) {
      end++;
    }
    let rest = value | 0;
    for (let place = end - 1; place >= this.length; place--) {
      const quotient = (rest / 10) | 0;
      this.bytes[place] = zero + rest - 10 * quotient;
      rest = quotient;
    }
    this.length = end;
  }

  /** Hands what is left to the sink. */
  flush(): void {
    this.#sink?.(this.bytes.subarray(0, this.length));
    this.length = 0;
  }

  #makeRoom(needed: number): void {
    if (this.#sink !== undefined) {
      this.flush();
    }
    if (this.length + needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.length + needed, 2 * this.bytes.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
  }
}
