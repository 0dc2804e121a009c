import { ExpectedFailure } from '../failure.ts';

/** Bytes before the payload of a packet: three of length, one of sequence. */
export const packetHeaderBytes = 4;

/** A payload of this length goes on in the next packet. */
const unfinished = 0xffffff;

/** Takes the packet `bytes[start, end)`, header included; the bytes are valid during the call only. */
export type TakePacket = (bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts what a MySQL server sends, in chunks of any size, into packets.
 *
 * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */
export class PacketCutter {
  readonly #take: TakePacket;
  #carry: Buffer | undefined;

  constructor(take: TakePacket) {
    this.#take = take;
  }

  /** @throws ExpectedFailure for a packet of 16 MiB: no id is that long, and memory is to stay bounded */
  push(chunk: Buffer): void {
    const bytes = this.#carry === undefined ? chunk : Buffer.concat([this.#carry, chunk]);
    this.#carry = undefined;
    let start = 0;
    while (bytes.length - start >= packetHeaderBytes) {
      const length = bytes[start]! | (bytes[start + 1]! << 8) | (bytes[start + 2]! << 16);
      if (length === unfinished) {
        throw new ExpectedFailure('badData', 'The database sent a row of 16 MiB or more', {
          remedy: 'Name the columns that hold the ids, or leave such rows out with --where.',
        });
      }
      const end = start + packetHeaderBytes + length;
      if (end > bytes.length) {
        break;
      }
      this.#take(bytes, start, end);
      start = end;
    }
    if (start < bytes.length) {
      this.#carry = bytes.subarray(start);
    }
  }
}
