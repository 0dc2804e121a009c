import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection } from 'mysql2/promise';
import { PacketCutter, type PacketTaker, packetHeaderBytes } from './packets.ts';

/** Takes the rows of a result as they arrive. */
export interface RowTaker {
  /**
   * One row in the binary protocol, `bytes[start, end)`: the bitmap of NULLs, then the values. The bytes are valid during the call only.
   *
   * @see https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html
   */
  row(bytes: Buffer, start: number, end: number): void;
  /**
   * Several rows, each in its packet, as many as it likes of those that `bytes` holds from `start` on.
   *
   * @returns where the first packet begins that was not taken
   */
  plainRows?(bytes: Buffer, start: number): number;
  /** Called after each chunk from the network: reading is held up until the promise resolves. */
  pace(): Promise<void> | undefined;
}

/** The first payload byte of a row. What else can follow the columns, the end of the rows or an error, begins with 0xfe or 0xff. */
const rowMark = 0x00;
const errorMark = 0xff;

/** Bytes that Node.js takes from a socket at most at a time. */
const fullRead = 64 << 10;

/**
 * How long, in milliseconds, a TCP socket is left alone that had less. A server sends 16 KiB at a time, and whom it wakes for each costs both of them: a
 * comparison with 5 M rows of a MariaDB on the same two cores took 2.23 s without and 2.03 s with it (20 pairs in turn). A Unix socket holds so little
 * that the server would wait meanwhile: 2.12 s with it, 1.93 s without (12 pairs).
 */
const pause = 1;

/**
 * Runs `sql` as a prepared statement and hands its rows to `taker` as the server's bytes.
 *
 * mysql2 does all but the rows: it prepares and executes, gets the packets before the rows and the one after them, and settles its promise.
 * It would make an array and an event of every row: for 10 M rows of two integers its fastest way (text protocol, `rowsAsArray`) took 2.2 s
 * of processor time without writing anything, this one 1.2 s with the file written and digested, and `mysql --batch --quick` 1.5 s. The
 * binary protocol spares the server: it sent the same rows in 1.25 s of its time instead of 1.72 s, for not having to print numbers, and
 * the server is what such an export waits for (MariaDB 10.11 on the same two cores; `bench/export.ts`).
 *
 * Use the connection for nothing else meanwhile; afterwards it is as good as before.
 *
 * @throws the error of the server or the connection as mysql2 reports it, also when it is lost in the middle of the rows; whatever `taker`
 *   throws
 */
export async function readBinaryRows(connection: Connection, sql: string, taker: RowTaker): Promise<void> {
  const statement = await connection.prepare(sql);
  const socket = socketOf(connection);
  const listeners = socket.listeners('data');
  let failure: { readonly error: unknown } | undefined;
  let pausing: Promise<void> | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    socket.destroy(new Error('The rows cannot be taken', { cause: error }));
  };
  const pass = (bytes: Buffer): void => {
    for (const listener of listeners) {
      Reflect.apply(listener, socket, [bytes]);
    }
  };
  const cutter = new PacketCutter(new ResultPackets(taker, pass));
  // What is decrypted comes record by record, however much there is; a Unix socket has no address.
  const pauses = !(socket instanceof TLSSocket) && socket.remoteAddress !== undefined;
  const onData = (chunk: Buffer): void => {
    try {
      cutter.push(chunk);
      const pace = taker.pace();
      if (pace !== undefined) {
        socket.pause();
        pausing = pace.then(() => {
          socket.resume();
        }, fail);
      } else if (pauses && chunk.length < fullRead) {
        socket.pause();
        setTimeout(() => socket.resume(), pause);
      }
    } catch (error) {
      fail(error);
    }
  };
  socket.removeAllListeners('data').on('data', onData);
  try {
    await statement.execute([]);
    await pausing;
  } catch (error) {
    failure ??= { error };
  } finally {
    socket.off('data', onData);
    for (const listener of listeners) {
      socket.on('data', (...chunk) => Reflect.apply(listener, socket, chunk));
    }
  }
  if (failure !== undefined) {
    throw failure.error;
  }
}

/** Sorts the packets of one result: rows to a taker, all others to mysql2. */
class ResultPackets implements PacketTaker {
  readonly #taker: RowTaker;
  readonly #pass: (bytes: Buffer) => void;
  /** The number of columns, a definition of each and an end come before the rows; a result that begins with an error or OK has nothing more. */
  #before = -1;
  #sequence = 0;

  constructor(taker: RowTaker, pass: (bytes: Buffer) => void) {
    this.#taker = taker;
    this.#pass = pass;
  }

  packet(bytes: Buffer, start: number, end: number): void {
    const mark = bytes[start + packetHeaderBytes]!;
    if (this.#before === 0) {
      if (mark === rowMark) {
        this.#taker.row(bytes, start + packetHeaderBytes + 1, end);
        return;
      }
      // mysql2 has not seen the rows, so this is its next packet.
      bytes[start + 3] = (this.#sequence + 1) & 0xff;
    } else if (this.#before === -1) {
      this.#before = mark === errorMark ? -1 : mark + 1;
    } else {
      this.#before--;
    }
    this.#sequence = bytes[start + 3]!;
    this.#pass(bytes.subarray(start, end));
  }

  packets(bytes: Buffer, start: number): number {
    return this.#before === 0 ? (this.#taker.plainRows?.(bytes, start) ?? start) : start;
  }
}

/** The socket that a connection of mysql2 uses now: the one of TLS replaces the one it was opened with. */
function socketOf(connection: Connection): Socket {
  const core: unknown = 'connection' in connection ? connection.connection : undefined;
  const stream = typeof core === 'object' && core !== null && 'stream' in core ? core.stream : undefined;
  if (!(stream instanceof Socket)) {
    throw new Error('The connection of mysql2 has no socket');
  }
  return stream;
}
