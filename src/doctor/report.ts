import type { Effects, Log } from '../effects.ts';
import { ExpectedFailure, exitCodes, type FailureKind, messageOf } from '../failure.ts';
import { isDenied, mysqlFailure } from '../mysql/mysql-failure.ts';

/** What looking at one thing has shown. */
export interface Finding {
  /** What was looked at: `target rights`. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly message: string;
  /** What to do; `undefined` when there is nothing to do. */
  readonly remedy: string | undefined;
  /** Of a failure, what kind it is; `bug` for one of this program. */
  readonly kind: FailureKind | undefined;
}

/** Takes what the check of one thing, and of its parts, finds. */
export class Report {
  readonly #check: string;
  readonly #findings: Finding[];
  #away = false;

  constructor(check: string, findings: Finding[]) {
    this.#check = check;
    this.#findings = findings;
  }

  ok(message: string): void {
    this.#add('ok', message, undefined, undefined);
  }

  warning(message: string, remedy?: string | undefined): void {
    this.#add('warning', message, remedy, undefined);
  }

  failure(message: string, remedy: string | undefined, kind: FailureKind = 'configuration'): void {
    this.#add('failure', message, remedy, kind);
  }

  /** What was thrown, as a failure; one that nobody expected does not hide what the other checks find. */
  thrown(error: unknown): void {
    if (error instanceof ExpectedFailure) {
      this.failure(error.message, error.remedy, error.kind);
    } else {
      this.failure(messageOf(error), 'This is a fault of also-viewed; please report it.', 'bug');
    }
  }

  /**
   * Looks at a part of the thing. What is thrown meanwhile, and what is logged as a warning, is found; the rest goes on, unless the service is
   * away. That a database lets nobody look is a warning: which rights the job lacks is found where the rights are looked at.
   *
   * @returns what `work` does; `undefined` when it failed, and at once when the service is away
   * @throws the reason of the signal once it is aborted
   */
  async part<T>(
    name: string,
    effects: Effects,
    work: (report: Report, effects: Effects) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#away) {
      return undefined;
    }
    const check = `${this.#check} ${name}`;
    const report = new Report(check, this.#findings);
    try {
      return await work(report, { ...effects, log: report.log(effects) });
    } catch (thrown) {
      effects.signal.throwIfAborted();
      const error = mysqlFailure(`Cannot look at ${check}`, thrown);
      this.#away = error instanceof ExpectedFailure && error.kind === 'unavailable';
      if (isDenied(thrown) || (thrown instanceof ExpectedFailure && isDenied(thrown.cause))) {
        report.warning(`this cannot be seen: ${messageOf(thrown)}`);
      } else {
        report.thrown(error);
      }
      return undefined;
    }
  }

  /** A log whose warnings are findings. */
  log({ log }: Effects): Log {
    return { ...log, info: log.debug, warn: (message) => this.warning(message) };
  }

  #add(state: Finding['state'], message: string, remedy: string | undefined, kind: FailureKind | undefined): void {
    this.#findings.push({ check: this.#check, state, message, remedy, kind });
  }
}

/**
 * The exit code of a set of findings: 0 without a failure, 69 when services are away, or not ready yet, and nothing else is wrong, so that a later run may
 * succeed, else 78.
 */
export function exitCodeOfFindings(findings: readonly Finding[]): number {
  const kinds = findings.filter(({ state }) => state === 'failure').map(({ kind }) => kind);
  if (kinds.length === 0) {
    return 0;
  }
  return kinds.includes('bug')
    ? exitCodes.bug
    : kinds.every((kind) => kind === 'unavailable' || kind === 'tryLater')
      ? exitCodes.unavailable
      : exitCodes.configuration;
}
