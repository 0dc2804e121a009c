import * as v from 'valibot';

/** Who holds a work folder: the content of `WORK/lock.json`. Times are UTC by the holder's clock, as ISO 8601 writes them. */
const schema = v.object({
  host: v.string(),
  pid: v.number(),
  machine: v.string(),
  startedTicks: v.optional(v.number()),
  /** Known once it has begun. */
  run: v.optional(v.string()),
  since: v.string(),
  renewedAt: v.string(),
  /** Who did not renew it for so long may be dead. */
  leaseSeconds: v.pipe(v.number(), v.minValue(1), v.maxValue(3600)),
  /** Random: tells this holding of the lock from every other. */
  token: v.string(),
  /** Makes each content of it another one. */
  changes: v.number(),
});

export type LockHolder = v.InferOutput<typeof schema>;

/** `undefined` when that is not to be understood: cut off when the power went, or of a version to come. */
export function parseHolder(content: Buffer): LockHolder | undefined {
  try {
    return v.parse(schema, JSON.parse(content.toString('utf8')));
  } catch {
    return undefined;
  }
}

export function formatHolder(holder: LockHolder): Buffer {
  return Buffer.from(`${JSON.stringify(holder, null, 2)}\n`);
}

/** `run R (host h, process 12, since 2026-11-21T03:00:00.000Z)` */
export function describeHolder(holder: LockHolder | undefined): string {
  if (holder === undefined) {
    return 'somebody who cannot be told';
  }
  const { run, host, pid, since } = holder;
  return `${run === undefined ? 'a run that begins' : `run ${run}`} (host ${host}, process ${pid}, since ${since})`;
}
