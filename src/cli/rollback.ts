import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import { begin, commandWith } from './command.ts';
import { type GateFlags, gateOf } from './gate-flags.ts';
import {
  acceptOption,
  growthOption,
  paceOption,
  stageTimeoutOption,
  swapOption,
  targetOptions,
  verifyOption,
  waitOption,
  workOption,
} from './options.ts';
import { parametersOf } from './parameters-of.ts';
import { publicationLine } from './publication-line.ts';
import type { Session } from './session.ts';

type RollbackFlags = TargetSettings &
  GateFlags & { readonly work: string; readonly wait?: number; readonly stageTimeout?: number };

/** `also-viewed rollback` */
export function rollbackCommand(session: Session): Command {
  return commandWith('rollback', "publish an earlier run's relations again", () => [
    ...targetOptions(),
    workOption(),
    waitOption(),
    stageTimeoutOption(),
    growthOption(),
    acceptOption(),
    verifyOption(),
    paceOption(),
    swapOption(),
  ])
    .argument(
      '[run]',
      'run of the work folder (default: the last successful one before the published one with other relations)',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  also-viewed rollback --config also-viewed.yml\n  also-viewed rollback 20261121T030000.000Z-4bccab --config also-viewed.yml',
    )
    .action(async (run: string | undefined, _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const flags = command.opts<RollbackFlags>();
      const { targetFrom } = await import('../config/sides.ts');
      const { rollback } = await import('../run/rollback.ts');
      const target = await targetFrom(flags, effects);
      const { published } = await rollback(
        { ...flags, ...gateOf(flags), run, target, parameters: parametersOf(command) },
        effects,
      );
      effects.log.info(publicationLine(published, effects));
    });
}
