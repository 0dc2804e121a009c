import type { Effects } from '../effects.ts';
import type { MysqlAddress } from '../mysql/address.ts';
import { connect } from '../mysql/connect.ts';

/** A night of fewer changes is over before it would help. */
const leastChanges = 20_000;

/**
 * How long, in milliseconds, old versions of rows may wait at a time: they are of the whole server, and take room until then. Less than half
 * of `idleTimeout`, so that a lost packet does not end the connection.
 */
const putOffMs = 20_000;

/** How long, in seconds, the server keeps the connection of a host that is gone, and with it the snapshot. */
const idleTimeout = 45;

/**
 * Runs `work` while the server keeps what it has to clear away behind the rows that change (InnoDB: purge), and clears it away afterwards. With
 * two writers that clearing takes a quarter of the processor time of a server of two cores, and whatever waits for it waits in the middle of a
 * publication. A transaction that has a snapshot open puts it off; it locks nothing.
 *
 * @param changes how many rows `work` changes
 * @param work calls what it is given before it commits the first of them: what is not committed is not cleared away
 * @throws ExpectedFailure when there is no connection to be had, and whatever `work` throws
 */
export async function puttingOffPurge(
  { address, password }: { readonly address: MysqlAddress; readonly password: string | undefined },
  changes: number,
  effects: Effects,
  work: (putOff: () => Promise<void>) => Promise<void>,
): Promise<void> {
  if (changes < leastChanges) {
    await work(async () => {});
    return;
  }
  const connection = await connect(address, password, effects);
  let statement = 'DO 1';
  // Nobody has to have it: a server that takes it away purges earlier, that is all.
  const say = async (): Promise<void> => {
    await connection.query(statement).catch(() => {});
  };
  const timer = setInterval(say, putOffMs);
  try {
    await connection.query(`SET SESSION wait_timeout = ${idleTimeout}`);
    // In another isolation the server takes no snapshot.
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await work(async () => {
      statement = 'START TRANSACTION WITH CONSISTENT SNAPSHOT';
      await say();
    });
  } finally {
    clearInterval(timer);
    await connection.end().catch(() => {});
    connection.destroy();
  }
}
