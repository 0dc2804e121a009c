import process from 'node:process';
import { Command, type Option } from 'commander';
import { defaultEffects } from '../default-effects.ts';
import type { Effects, S3Settings } from '../effects.ts';
import { applyConfiguration } from './configuration.ts';
import { openLog } from './log.ts';
import { commonOptions } from './options.ts';
import { logOptionsOf, type Session } from './session.ts';

/** A command with its options and those that every command takes. */
export function commandWith(name: string, description: string, options: readonly Option[]): Command {
  const command = new Command(name).description(description);
  for (const option of [...options, ...commonOptions()]) {
    command.addOption(option);
  }
  return command;
}

/** What an action starts with: the configuration file applied to the command's options, and the effects. */
export async function begin(command: Command, session: Session): Promise<Effects> {
  await applyConfiguration(command, command.getOptionValue('config'));
  session.log = logOptionsOf(command);
  return defaultEffects({
    signal: session.signal,
    log: await openLog(session.log, process.stderr),
    s3: s3SettingsOf(command),
  });
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
