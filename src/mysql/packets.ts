import { ExpectedFailure } from '../failure.ts';

/** Bytes before the payload of a packet: three of length, one of sequence. */
export const packetHeaderBytes = 4;

/** A payload of this length goes on in the next packet. */
const unfinished = 0xffffff;

/** Takes packets as they arrive. The bytes are valid during the call only. */
export interface PacketTaker {
  /** One packet, `bytes[start, end)`, header included. */
  packet(bytes: Buffer, start: number, end: number): void;
  /**
   * Any number of those that begin at `start`, behind each other, of which the last one may be cut off.
   *
   * @returns where the first one begins that was not taken
   */
  packets?(bytes: Buffer, start: number): number;
}

/**
 * Cuts what a MySQL server sends, in chunks of any size, into packets.
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */
export class PacketCutter {
  readonly #taker: PacketTaker;
  #carry: Buffer | undefined;

  constructor(taker: PacketTaker) {
    this.#taker = taker;
  }

  /** @throws ExpectedFailure for a packet of 16 MiB: no id is that long, and memory is to stay bounded */
  push(chunk: Buffer): void {
    const start = this.#carry === undefined ? 0 : this.#complete(this.#carry, chunk);
    const end = this.#cut(chunk, start);
    if (end < chunk.length) {
      this.#carry = chunk.subarray(end);
    }
  }

  /** Takes the packet that began in `carry`, if it ends in `chunk`. @returns where the rest of `chunk` begins */
  #complete(carry: Buffer, chunk: Buffer): number {
    const header =
      carry.length < packetHeaderBytes ? Buffer.concat([carry, chunk.subarray(0, packetHeaderBytes)]) : carry;
    const missing = header.length < packetHeaderBytes ? chunk.length : packetEnd(header, 0) - carry.length;
    const packet = Buffer.concat([carry, chunk.subarray(0, missing)]);
    this.#carry = this.#cut(packet, 0) === 0 ? packet : undefined;
    return Math.min(missing, chunk.length);
  }

  /** Takes the whole packets from `start` on. @returns where the first one begins that is not whole */
  #cut(bytes: Buffer, start: number): number {
    let at = this.#taker.packets?.(bytes, start) ?? start;
    while (bytes.length - at >= packetHeaderBytes) {
      const end = packetEnd(bytes, at);
      if (end > bytes.length) {
        break;
      }
      this.#taker.packet(bytes, at, end);
      at = end;
    }
    return at;
  }
}

/** Where the packet ends that begins at `start`. */
function packetEnd(bytes: Buffer, start: number): number {
  const length = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16);
  if (length === unfinished) {
    throw new ExpectedFailure('badData', 'The database sent a row of 16 MiB or more', {
      remedy: 'Name the columns that hold the ids, or leave such rows out with --where.',
    });
  }
  return start + packetHeaderBytes + length;
}
