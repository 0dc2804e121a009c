import type { Manifest, StageName } from '../run/manifest.ts';

/** How a run ended, for whoever watches. No text of it holds a password. */
export interface Outcome {
  /** `undefined` when the job ended before it had a run: a wrong setting, another run on the work folder. */
  readonly manifest: Manifest | undefined;
  /** Begin and end of this execution of the job; a run that was resumed is older. */
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly exitCode: number;
  /** `undefined` after success. */
  readonly failure: { readonly message: string; readonly remedy: string | undefined } | undefined;
}

/** The stage in which the run failed, if it was in one. */
export function failedStage({ manifest }: Outcome): StageName | undefined {
  return manifest?.stages.find(({ state }) => state === 'failed')?.name;
}

/** Never negative: the clock may be set back while the job is at work. */
export function secondsOf({ startedAt, finishedAt }: Pick<Outcome, 'startedAt' | 'finishedAt'>): number {
  return Math.max(0, finishedAt.getTime() - startedAt.getTime()) / 1000;
}

/** What happened, in some lines of text. */
export function describeOutcome(outcome: Outcome): string {
  const { manifest, exitCode, failure } = outcome;
  const stage = failedStage(outcome);
  const who = manifest === undefined ? 'also-viewed' : `Run ${manifest.run}`;
  const how =
    failure === undefined
      ? 'succeeded'
      : `failed${stage === undefined ? '' : ` in its ${stage} stage`} with exit code ${exitCode}`;
  const figures = (manifest?.stages ?? []).map(
    ({ name, state, counts }) =>
      `${name}: ${state}${Object.entries(counts)
        .map(([key, count]) => `, ${key} ${count}`)
        .join('')}`,
  );
  return [
    `${who} ${how} after ${secondsOf(outcome).toFixed(1)} s`,
    ...(failure === undefined ? [] : [failure.message]),
    ...(failure?.remedy === undefined ? [] : [failure.remedy]),
    ...figures,
  ].join('\n');
}
