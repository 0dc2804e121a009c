import type { Effects } from '../effects.ts';
import { hasEnded } from '../process-identity.ts';
import type { Storage } from '../storage/storage.ts';
import { describeHolder, type LockHolder, parseHolder } from './lock-holder.ts';
import { WorkTaken } from './work-taken.ts';

/** How often somebody who waits looks, in milliseconds. */
const lookMs = 1000;

/** Of a holder who cannot be told. */
const defaultLeaseSeconds = 60;

/**
 * Creates the lock at `location` once nobody else holds it.
 *
 * A dead holder's lock is removed, and then created anew, not replaced: that only one creates an object, S3 and every server like it makes sure,
 * while of thirty who replaced one at once on S3Proxy 4.1, by its ETag, two were told that they did. Dead is one whose process is known to have ended,
 * and one whose lock did not change for the length of its lease. That is measured from when we first saw it, by adding up what we waited, since
 * neither another host's clock nor ours can be trusted. The time in the lock decides only whether it pays to wait that long: not when it was
 * renewed within its lease, so that a living holder is reported at once.
 *
 * @param content made anew for each try
 * @param patience milliseconds to wait for a living holder
 * @throws ExpectedFailure `tryLater`, with the holder, when somebody holds it; as the storage does
 */
export async function acquireLock(
  storage: Storage,
  location: string,
  work: string,
  content: () => Buffer,
  patience: number,
  effects: Effects,
): Promise<void> {
  const { log, now, pause, signal } = effects;
  let waited = 0;
  let seen: { readonly version: string; readonly at: number } | undefined;
  let isAlive = false;
  for (;;) {
    signal.throwIfAborted();
    const found = await storage.readVersion(location);
    if (found === undefined) {
      if (await storage.writeIfAbsent(location, content())) {
        return;
      }
      continue;
    }
    const holder = parseHolder(found.content);
    const who = describeHolder(holder);
    const ended = holder !== undefined && hasEnded(holder);
    if (!ended && seen?.version !== found.version) {
      isAlive = seen !== undefined || (holder !== undefined && wasRenewed(holder, now()));
      seen = { version: found.version, at: waited };
      if (waited === 0 && patience > 0) {
        log.info(`Waiting for ${who}, which holds ${work}`);
      } else if (!isAlive) {
        log.info(`Looking whether ${who}, which holds ${work}, is alive`);
      }
    }
    const leaseMs = (holder?.leaseSeconds ?? defaultLeaseSeconds) * 1000;
    if (ended || waited - (seen?.at ?? waited) >= leaseMs) {
      if (await storage.removeIf(location, found.version)) {
        log.warn(`Took ${work} over from ${who}, ${ended ? 'which was killed' : `silent for ${leaseMs / 1000} s`}`);
        continue;
      }
    } else if (isAlive && waited >= patience) {
      throw new WorkTaken(`Cannot use ${work}: ${who} holds it`, 'Run again later, or let it wait: --wait 10m.');
    }
    await pause(lookMs, signal);
    waited += lookMs;
  }
}

/** Whether a lock was renewed within its lease, if the clocks of both hosts are right. */
function wasRenewed({ renewedAt, leaseSeconds }: LockHolder, now: Date): boolean {
  return Math.abs(now.getTime() - Date.parse(renewedAt)) < leaseSeconds * 1000;
}
