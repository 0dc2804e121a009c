import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';

/** Level 1 packs relations to a quarter; level 6 saves another fifth of that and takes five times as long. */
const gzipLevel = 1;

/** Of the content: from here on a member costs nothing in size, and a reader who wants one source inflates little. */
const memberBytes = 1 << 20;

/** As many as Node.js has for such work by default. */
const packingThreads = 4;

/**
 * Empty members (RFC 1952) that stand before and behind the others. They hold nothing but a subfield "AV", with B for the beginning and E
 * for the end: a file that begins with the one and does not end with the other was cut off, also where a member ends, which gzip itself
 * cannot see. Every tool skips them.
 */
export const firstMember: Buffer = emptyMember('B');
export const lastMember: Buffer = emptyMember('E');

function emptyMember(mark: string): Buffer {
  return Buffer.from([
    ...[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255],
    ...[5, 0, 0x41, 0x56, 1, 0, mark.charCodeAt(0)],
    ...[3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ]);
}

/** Where a gzip member starts, and the first field of its content. */
export interface Member {
  readonly offset: number;
  readonly firstField: string;
}

/** Packs content as gzip members side by side, and sends them in order. */
export class GzipMembers {
  /** The members that were sent. */
  readonly sent: Member[] = [];
  readonly #send: (bytes: Uint8Array) => Promise<void>;
  readonly #threads: number;
  readonly #packing: { readonly firstField: string; readonly packed: Promise<Buffer> }[] = [];
  /** The beginning of the next member, which nobody changes. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #offset = 0;

  /** @param threads that pack; 1 is the one that calls */
  constructor(send: (bytes: Uint8Array) => Promise<void>, threads: number = packingThreads) {
    this.#send = send;
    this.#threads = Math.min(threads, packingThreads);
  }

  /** Bytes of the file so far. */
  get length(): number {
    return this.#offset;
  }

  /**
   * A member begins and ends with a chunk: what is read by member must be written in chunks that make sense alone.
   *
   * @param packed called once the chunk may be changed
   */
  async write(chunk: Uint8Array, packed?: () => void): Promise<void> {
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= memberBytes) {
      this.#waiting.push(chunk);
      this.#pack(packed);
      while (this.#packing.length > this.#threads) {
        await this.#sendNext();
      }
    } else if (packed === undefined) {
      this.#waiting.push(chunk);
    } else {
      // A hundred bytes that waited would hold a block's buffer of megabytes, and so would thousands of others.
      this.#waiting.push(Buffer.from(chunk));
      packed();
    }
  }

  async end(): Promise<void> {
    if (this.#waitingBytes > 0) {
      this.#pack();
    }
    while (this.#packing.length > 0) {
      await this.#sendNext();
    }
    if (this.#offset === 0) {
      await this.#put(firstMember);
    }
    await this.#put(lastMember);
  }

  #pack(done?: () => void): void {
    const waiting = this.#waiting;
    const [first] = waiting;
    const content = first !== undefined && waiting.length === 1 ? first : Buffer.concat(waiting);
    const packed = this.#gzip(content).finally(done);
    // Whoever waits for it is told; until then a failure is nobody's.
    packed.catch(() => {});
    const firstField = Buffer.from(content.subarray(0, Math.max(content.indexOf(0x09), 0))).toString('utf8');
    this.#packing.push({ firstField, packed });
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  async #gzip(content: Uint8Array): Promise<Buffer> {
    const options = { level: gzipLevel };
    return this.#threads === 1 ? gzipSync(content, options) : await promisify(gzip)(content, options);
  }

  async #sendNext(): Promise<void> {
    const next = this.#packing.shift();
    if (next !== undefined) {
      const packed = await next.packed;
      if (this.#offset === 0) {
        await this.#put(firstMember);
      }
      this.sent.push({ offset: this.#offset, firstField: next.firstField });
      await this.#put(packed);
    }
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#offset += bytes.length;
    await this.#send(bytes);
  }
}
