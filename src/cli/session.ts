import type { Command } from 'commander';
import type { Manifest } from '../run/manifest.ts';
import type { LogOptions } from './log.ts';
import type { ProgressBar } from './progress-bar.ts';

/** What the end of a command must know of its beginning. */
export interface Session {
  readonly signal: AbortSignal;
  /** How the command logs: what argv and the environment say at first, and the configuration file once it is read. */
  log: LogOptions;
  /** The run under way, which the message of a failure names. */
  run?: Manifest;
  /** Other jobs write to the same terminal: there is no room for a bar of each. */
  readonly crowded?: boolean;
  /** Of standard error; hidden unless that is a terminal and there is progress to show. */
  readonly bar: ProgressBar;
}

/** How a command logs, as far as that can be known before its options are parsed. */
export function earlyLogOptions(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): LogOptions {
  const at = argv.indexOf('--log-format');
  const verbose = env['ALSO_VIEWED_VERBOSE'];
  const format = argv.includes('--log-format=json') ? 'json' : at === -1 ? env['ALSO_VIEWED_LOG_FORMAT'] : argv[at + 1];
  return {
    logFormat: format === 'json' ? 'json' : 'text',
    quiet: false,
    verbose: argv.includes('--verbose') || (verbose !== undefined && !/^(0|false|no|off)$/i.test(verbose)),
  };
}

/** The log options of a parsed command. Of `quiet` and `verbose`, the one that is nearer to the command line holds. */
export function logOptionsOf(command: Command): LogOptions {
  const { logFormat, quiet, verbose, store } = command.opts<Partial<LogOptions>>();
  const nearness = (name: string): number => ['config', 'env', 'cli'].indexOf(command.getOptionValueSource(name) ?? '');
  const both = quiet === true && verbose === true;
  return {
    logFormat: logFormat ?? 'text',
    quiet: quiet === true && !(both && nearness('verbose') >= nearness('quiet')),
    verbose: verbose === true && !(both && nearness('quiet') > nearness('verbose')),
    store,
  };
}

/** Takes settings that say nothing out of the environment, so that a variable which a script leaves empty counts as unset. */
export function tidyEnvironment(env: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('ALSO_VIEWED_') && value === '') {
      delete env[name];
    }
  }
}
