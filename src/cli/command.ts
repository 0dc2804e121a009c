import { format } from 'node:util';
import { Command, type Option } from 'commander';
import { defaultEffects } from '../default-effects.ts';
import type { Effects, Log, S3Settings } from '../effects.ts';
import { openLog } from './log.ts';
import { messageNumber } from './message-number.ts';
import { commonOptions } from './options.ts';
import { logOptionsOf, type Session } from './session.ts';

const optionsOf = new WeakMap<Command, () => readonly Option[]>();

/** A command that takes these options and those that every command takes, which `withOptions` makes. */
export function commandWith(name: string, description: string, options: () => readonly Option[]): Command {
  const command = new Command(name).description(description);
  optionsOf.set(command, options);
  return command;
}

/** The command with its options, and its own commands likewise. */
export function withOptions(command: Command): Command {
  const options = optionsOf.get(command);
  for (const option of options === undefined ? [] : [...options(), ...commonOptions()]) {
    command.addOption(option);
  }
  command.commands.forEach(withOptions);
  return command;
}

/**
 * What an action starts with: the configuration file applied to the command's options, those of one store if it has any, and the effects.
 *
 * @throws ExpectedFailure when a setting has not its form, or cannot work with another
 */
export async function begin(command: Command, session: Session): Promise<Effects> {
  const { checkTogether, configure } = await import('./configuration.ts');
  const configured = await configure(command, process.env);
  await checkTogether(configured);
  return await openEffects(command, session, configured.env);
}

/**
 * The effects of a command whose options are complete.
 *
 * @param env of its store, if it has one
 */
export async function openEffects(command: Command, session: Session, env: Effects['env']): Promise<Effects> {
  session.log = logOptionsOf(command);
  const log = await openLog(session.log, process.stderr, () => session.bar.hide());
  // What a library has to say is for its developers, and no line of a log of JSON.
  for (const say of ['error', 'warn'] as const) {
    console[say] = (...words: unknown[]): void => log.debug(format(...words));
  }
  const number = messageNumber();
  return defaultEffects({
    env,
    signal: session.signal,
    log,
    number,
    progress: progressOf(command, session, log, number),
    s3: s3SettingsOf(command),
  });
}

/** Loaded once there is something to tell, which most commands never have. */
function progressOf(command: Command, session: Session, log: Log, number: Effects['number']): Effects['progress'] {
  // A bar would stand between the rows of the output.
  if (session.log.quiet || (command.getOptionValue('out') === '-' && process.stdout.isTTY)) {
    return () => {};
  }
  let show: Effects['progress'] | undefined;
  return (progress) => {
    if (show === undefined) {
      show = () => {};
      void import('./progress.ts').then(({ showProgress }) => {
        show = showProgress(
          session.log,
          log,
          process.stderr.isTTY && !session.crowded ? session.bar : undefined,
          // A clock that is set back would stop the bar.
          () => new Date(performance.now()),
          number,
        );
      });
    }
    show(progress);
  };
}

interface S3Flags {
  readonly s3Endpoint?: string;
  readonly s3PathStyle?: boolean;
  readonly emrRegion?: string;
}

function s3SettingsOf(command: Command): S3Settings {
  const { s3Endpoint, s3PathStyle, emrRegion } = command.opts<S3Flags>();
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  // Who names the region of the cluster need not name that of its buckets, which is the same.
  const region = AWS_REGION || AWS_DEFAULT_REGION ? undefined : emrRegion;
  return {
    ...(region === undefined ? {} : { region }),
    ...(s3Endpoint === undefined ? {} : { endpoint: s3Endpoint }),
    ...(s3PathStyle === undefined ? {} : { pathStyle: s3PathStyle }),
  };
}
