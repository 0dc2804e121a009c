import { defaultEffects } from '../default-effects.ts';
import type { Effects } from '../effects.ts';
import type { RelateSettings } from '../engine/relate.ts';
import type { Source } from '../exporter/export-source.ts';
import { ExpectedFailure } from '../failure.ts';
import type { Target } from '../importer/import-relations.ts';
import type { FormatNumber } from '../report/format-rows.ts';
import { checkEngine } from './check-engine.ts';
import { checkIds } from './check-ids.ts';
import { checkMachine } from './check-machine.ts';
import { checkSettings } from './check-settings.ts';
import { checkSource } from './check-source.ts';
import { checkTarget } from './check-target.ts';
import { checkWork } from './check-work.ts';
import { exitCodeOfFindings, type Finding, Report } from './report.ts';

/** What a run is given, and what to look at. */
export interface DoctorOptions extends RelateSettings {
  /** That one of them cannot be told is found too: hence promises. */
  readonly source: Source | Promise<Source>;
  readonly target: Target | Promise<Target>;
  /** Rejected where the settings cannot work together, for whoever knows where they are written. */
  readonly settings?: Promise<void> | undefined;
  readonly work: string;
  readonly swap?: boolean | undefined;
  /** Also writes what a run writes: an object of the work folder, which is deleted, and rows of the tables, whose transaction is rolled back. */
  readonly probeWrite?: boolean | undefined;
  /** How counts are written; default: in digits alone. */
  readonly number?: FormatNumber | undefined;
  /** Told every second what is still being looked at, and in the end that nothing is. */
  readonly waiting?: ((checks: readonly string[]) => void) | undefined;
}

/** One thing that a run needs. */
export type Check<Options = DoctorOptions> = (report: Report, options: Options, effects: Effects) => Promise<void>;

/** What the machine is asked for; it is looked at even when nothing else can be. */
export type MachineOptions = Pick<DoctorOptions, 'engine' | 'memory' | 'tempDir'>;

export interface Diagnosis {
  /** In the order of the things that are looked at, not of the answers. */
  readonly findings: readonly Finding[];
  /** 0 without a failure; 69 when services are away, 78 when something else is wrong, 70 when a check broke. */
  readonly exitCode: number;
}

/** They know nothing of each other, and run side by side. */
const checks: readonly (readonly [name: string, check: Check])[] = [
  ['settings', checkSettings],
  ['machine', checkMachine],
  ['work', checkWork],
  ['source', checkSource],
  ['target', checkTarget],
  ['ids', checkIds],
  ['engine', checkEngine],
];

/** The time of each check in milliseconds: all is over, start and output included, within 10 s. */
const limitMs = 6000;

/** How often it is told, in milliseconds, what takes long. */
const tellMs = 1000;

/**
 * Looks at everything that a run with these options will need. It reads only, unless `probeWrite` asks for more.
 *
 * @throws the reason of `given.signal` once it is aborted; whatever a run would fail with is a finding
 */
export async function doctor(options: DoctorOptions, given: Partial<Effects> = {}): Promise<Diagnosis> {
  const effects = defaultEffects(given);
  const waiting = new Set(checks.map(([name]) => name));
  const tell = (): void => options.waiting?.([...waiting]);
  const timer = setInterval(tell, tellMs);
  try {
    const found = checks.map(([name, check]) =>
      findingsOf(name, check, options, effects).finally(() => waiting.delete(name)),
    );
    return diagnosisOf(await Promise.all(found));
  } finally {
    clearInterval(timer);
    waiting.clear();
    tell();
  }
}

/**
 * Looks at what needs no settings, where these cannot be told.
 *
 * @param why the finding that they are
 * @throws the reason of the effects' signal once it is aborted
 */
export async function doctorWithoutSettings(
  why: ExpectedFailure,
  options: MachineOptions,
  effects: Effects,
): Promise<Diagnosis> {
  const found = [
    findingsOf('settings', () => Promise.reject(why), options, effects),
    findingsOf('machine', checkMachine, options, effects),
  ];
  return diagnosisOf(await Promise.all(found));
}

function diagnosisOf(found: readonly Finding[][]): Diagnosis {
  const findings = found.flat();
  return { findings, exitCode: exitCodeOfFindings(findings) };
}

/** What one check finds, within its time. */
async function findingsOf<Options>(
  name: string,
  check: Check<Options>,
  options: Options,
  given: Effects,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const report = new Report(name, findings);
  const limit = new AbortController();
  const signal = AbortSignal.any([given.signal, limit.signal]);
  const effects = { ...given, signal, log: report.log(given) };
  const timer = setTimeout(() => limit.abort(tooSlow(findings)), limitMs);
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
  });
  try {
    // Not every library heeds the signal.
    await Promise.race([check(report, options, effects), stopped]);
  } catch (error) {
    given.signal.throwIfAborted();
    report.thrown(error);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
  // What a check that is late still finds comes too late.
  return [...findings];
}

function tooSlow(findings: readonly Finding[]): ExpectedFailure {
  const last = findings.at(-1);
  const where = last === undefined ? '' : ` for what comes after ${last.check}`;
  return new ExpectedFailure('unavailable', `There was no answer${where} within ${limitMs / 1000} s`, {
    remedy: 'Check that the service is up and that this machine may reach it: host, port, firewall.',
  });
}
