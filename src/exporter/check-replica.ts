import type { Connection } from 'mysql2/promise';
import { duration } from '../duration.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import { replicaLag } from '../mysql/replica-lag.ts';

/**
 * Makes sure that a replica holds the views of its source but for the last `most` milliseconds. A server that is no replica has no lag.
 *
 * @param where the server, for messages
 * @throws ExpectedFailure `tryLater` when it lags more, or when replication stands still; `noPermission` when the user may not know
 */
export async function checkReplica(
  connection: Connection,
  where: string,
  most: number,
  effects: Effects,
): Promise<void> {
  const lag = await replicaLag(connection);
  if (lag === undefined) {
    effects.log.info(`${where} is no replica: it cannot lag`);
    return;
  }
  const { seconds, stopped } = lag;
  if (seconds === undefined) {
    throw new ExpectedFailure('tryLater', `Cannot export from ${where}: its replication stands still (${stopped})`, {
      remedy: 'Start the replication, then run the same command again; or export from another server.',
    });
  }
  if (seconds * 1000 > most) {
    throw new ExpectedFailure(
      'tryLater',
      `Cannot export from ${where}: it is ${duration(seconds * 1000)} behind its source, at most ${duration(most)} are allowed`,
      { remedy: 'Run the same command again later, or allow more with --max-replica-lag.' },
    );
  }
  effects.log.info(`${where} is ${duration(seconds * 1000)} behind its source`, { replicaLagSeconds: seconds });
}
