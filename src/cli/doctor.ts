import type { Command } from 'commander';
import type { SourceSettings, TargetSettings } from '../config/sides.ts';
import type { DiagnosisFormat } from '../doctor/diagnosis-formats.ts';
import type { DoctorOptions } from '../doctor/doctor.ts';
import type { RelateSettings } from '../engine/relate.ts';
import { ExpectedFailure } from '../failure.ts';
import { commandWith, openEffects } from './command.ts';
import { doctorOptions } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';

type DoctorFlags = SourceSettings &
  TargetSettings &
  RelateSettings & { readonly work: string; readonly probeWrite?: true; readonly format: DiagnosisFormat };

/** `also-viewed doctor` */
export function doctorCommand(session: Session): Command {
  return commandWith('doctor', 'looks at everything that a run will need, and changes nothing', doctorOptions)
    .addHelpText(
      'after',
      `
Exit code 0 without a failure, 69 when a service is away, 78 when something else is wrong.

Examples:
  also-viewed doctor --config also-viewed.yml
  also-viewed doctor --config also-viewed.yml --probe-write --format json`,
    )
    .action(async (_: unknown, command: Command) => {
      const { sourceFrom, targetFrom } = await import('../config/sides.ts');
      const { doctor, doctorWithoutSettings } = await import('../doctor/doctor.ts');
      const { formatDiagnosis } = await import('../doctor/format-diagnosis.ts');
      const { numbersFor } = await import('../report/format-rows.ts');
      const { completeOptions } = await import('./complete-options.ts');
      const { checkTogether, configure, copyOf } = await import('./configuration.ts');
      process.send?.('begins');
      // Its file apart: flags and variables are to be used even if that cannot be.
      const bare = copyOf(command);
      const configured = await configure(command, process.env).catch((error: unknown) => {
        if (error instanceof ExpectedFailure && error.kind === 'configuration') {
          return error;
        }
        throw error;
      });
      const unusable = configured instanceof ExpectedFailure;
      if (unusable) {
        completeOptions(bare, new Map(), process.env);
      }
      const complete = unusable ? bare : command;
      const effects = await openEffects(complete, session, unusable ? process.env : configured.env);
      const flags = complete.opts<DoctorFlags>();
      const diagnosis = unusable
        ? await doctorWithoutSettings(configured, flags, effects)
        : await doctor(
            {
              ...flags,
              source: sourceFrom(flags, effects),
              target: targetFrom(flags, effects),
              settings: checkTogether(configured),
              number: numbersFor(flags.format === 'table' && process.stdout.isTTY),
              waiting: waitingLine(session),
            },
            effects,
          );
      const text = await formatDiagnosis(diagnosis, flags.format);
      await print(text, effects);
      process.exitCode = diagnosis.exitCode;
    });
}

/** What is still being looked at, on the last line of a terminal. */
function waitingLine({ bar, log }: Session): DoctorOptions['waiting'] {
  return process.stderr.isTTY && !log.quiet && log.logFormat === 'text'
    ? (checks) => {
        if (checks.length === 0) {
          bar.hide();
        } else {
          void bar.show(undefined, `Looking at ${checks.join(', ')}`);
        }
      }
    : undefined;
}
