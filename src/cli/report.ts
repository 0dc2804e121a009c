import type { Command } from 'commander';
import { begin, commandWith } from './command.ts';
import { columnOptions, reportOptions, targetTableOptions, workOption } from './options.ts';
import type { Session } from './session.ts';
import { type SideFlags, sideOf } from './side-of.ts';

interface ReportFlags extends SideFlags {
  readonly relations?: string;
  readonly views?: string;
  readonly run?: string;
  readonly names?: string;
  readonly maxPathProducts?: number;
  readonly out?: string;
  readonly against?: string;
  readonly pathColumn: string;
  readonly productColumn: string;
}

/** `also-viewed report` */
export function reportCommand(session: Session): Command {
  const options = [...reportOptions(), workOption(), ...targetTableOptions(), ...columnOptions()];
  return commandWith('report', 'a self-contained HTML page about a run', options)
    .addHelpText(
      'after',
      `
Examples:
  also-viewed report                                     of the newest run, into its folder
  also-viewed report --names products.tsv --out report.html
  also-viewed report --against 20261120T031500.123Z-4bccab
  also-viewed report --relations relations.tsv --views views.tsv`,
    )
    .action(async (_: unknown, command: Command) => {
      const effects = await begin(command, session);
      const flags = command.opts<ReportFlags>();
      const { report } = await import('../report/page/report.ts');
      const against =
        flags.against === undefined
          ? undefined
          : { name: flags.against, side: await sideOf(flags.against, flags, effects) };
      const columns = { path: flags.pathColumn, product: flags.productColumn };
      const { location } = await report({ ...flags, against, columns }, effects);
      effects.log.info(`The report is in ${location}`);
    });
}
