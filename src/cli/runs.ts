import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import type { ListFormat } from '../report/list-formats.ts';
import { begin, commandWith } from './command.ts';
import { listFormatOption, targetOptions, workOption } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';

type RunsFlags = TargetSettings & { readonly work: string; readonly format?: ListFormat };

/** `also-viewed runs` */
export function runsCommand(session: Session): Command {
  const options = () => [workOption(), ...targetOptions(), listFormatOption()];
  return commandWith('runs', 'the runs of the work folder, beside those that the target names', options)
    .addHelpText(
      'after',
      '\nExamples:\n  also-viewed runs --work /var/lib/also-viewed\n  also-viewed runs --config also-viewed.yml --format jsonl',
    )
    .action(async (_: unknown, command: Command) => {
      const effects = await begin(command, session);
      const flags = command.opts<RunsFlags>();
      const { targetFrom } = await import('../config/sides.ts');
      const { listRuns } = await import('../run/list-runs.ts');
      const { formatRuns } = await import('../report/format-runs.ts');
      const target = flags.target === undefined ? undefined : await targetFrom(flags, effects);
      const runs = await listRuns(flags.work, target, effects);
      if (runs.length === 0) {
        effects.log.warn(`There are no runs in ${flags.work}`);
      }
      const { numbersFor } = await import('../report/format-rows.ts');
      const format = flags.format ?? (process.stdout.isTTY ? 'table' : 'tsv');
      const text = await formatRuns(runs, format, numbersFor(process.stdout.isTTY));
      await print(text, effects);
    });
}
