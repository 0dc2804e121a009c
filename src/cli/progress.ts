import { duration } from '../duration.ts';
import type { Log, Progress } from '../effects.ts';
import type { FormatNumber } from '../report/format-rows.ts';
import type { LogOptions } from './log.ts';
import type { ProgressBar } from './progress-bar.ts';

/** A bar is drawn anew so often; a line of the log is written so often, and with `--verbose`. */
const barMs = 200;
const lineMs = 30_000;
const verboseLineMs = 5_000;

/**
 * Shows how far a job has come: as a bar on a terminal, otherwise as a line of the log now and then. A short job is not commented on.
 *
 * @param bar of the terminal, if there is one; a log of JSON stays one of lines all the same
 * @param number how counts below a million are written
 */
export function showProgress(
  options: LogOptions,
  log: Log,
  bar: Pick<ProgressBar, 'show' | 'hide'> | undefined,
  now: () => Date,
  number: FormatNumber,
): (progress: Progress) => void {
  if (options.quiet) {
    return () => {};
  }
  const shown = options.logFormat === 'text' ? bar : undefined;
  const everyMs = shown ? barMs : options.verbose ? verboseLineMs : lineMs;
  let stage: string | undefined;
  let begun = 0;
  let doneBefore = 0;
  let first: number | undefined;
  let told = 0;
  return (progress) => {
    const time = now().getTime();
    if (first === undefined) {
      first = time;
      told = time;
    }
    // Of a stage that tells nothing until it is done there is a bar from its beginning.
    const sinceMs = shown && progress.stage !== stage ? time - first : time - told;
    // A stage may come twice: two files are checked.
    if (progress.stage !== stage || progress.done === 0) {
      ({ stage, done: doneBefore } = progress);
      begun = time;
    }
    if (shown && progress.done === progress.total) {
      shown.hide();
    } else if (sinceMs >= everyMs) {
      told = time;
      const seen = see(progress, doneBefore, (time - begun) / 1000);
      if (shown) {
        void shown.show(seen.share, words(seen, number));
      } else {
        log.info(words(seen, number), fieldsOf(seen));
      }
    }
  };
}

/** A stage under way. */
interface Seen extends Progress {
  /** Units a second; `undefined` before there is something to tell it from. */
  readonly rate: number | undefined;
  /** Of the work, and the seconds until all of it is done; `undefined` while the total, or the rate, is not known. */
  readonly share: number | undefined;
  readonly secondsLeft: number | undefined;
}

/**
 * @param doneBefore what was done when the stage was first heard of: its seconds are not known
 * @param seconds since then
 */
function see(progress: Progress, doneBefore: number, seconds: number): Seen {
  const { done, total } = progress;
  const rate = seconds > 0 ? (done - doneBefore) / seconds : undefined;
  return {
    ...progress,
    rate,
    share: total === undefined ? undefined : Math.min(1, done / total),
    secondsLeft: total === undefined || !rate ? undefined : Math.max(0, total - done) / rate,
  };
}

function words({ stage, done, total, unit, rate, share, secondsLeft }: Seen, number: FormatNumber): string {
  if (done === 0 && total !== undefined) {
    return `${stage}: ${short(total, number)} ${unit}`;
  }
  const far = share === undefined ? `${short(done, number)} ${unit}` : percent(share);
  const speed = rate === undefined ? '' : `, ${short(rate, number)} ${unit} a second`;
  const left = secondsLeft === undefined ? '' : `, ${duration(1000 * secondsLeft)} left`;
  return `${stage}: ${far}${speed}${left}`;
}

function fieldsOf({ stage, done, total, unit, rate, secondsLeft }: Seen): Record<string, string | number | undefined> {
  return {
    stage,
    done: Math.round(done),
    total: total && Math.round(total),
    unit,
    rate: rate && Math.round(rate),
    secondsLeft: secondsLeft && Math.round(secondsLeft),
  };
}

function percent(share: number): string {
  return `${Math.floor(100 * share)} %`;
}

function short(figure: number, number: FormatNumber): string {
  return figure < 1e6 ? number(Math.round(figure)) : `${(figure / 1e6).toFixed(1)} million`;
}
