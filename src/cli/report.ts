import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import type { ScoreName } from '../relation/scores.ts';
import { begin, commandWith } from './command.ts';
import { onlyNamed } from './only-named.ts';
import { columnOptions, reportOptions, targetOptions, workOption } from './options.ts';
import type { Session } from './session.ts';
import { shownTarget } from './shown-target.ts';
import { sideOf } from './side-of.ts';

interface ReportFlags extends TargetSettings {
  readonly relations?: string;
  readonly views?: string;
  readonly run?: string;
  readonly work: string;
  readonly names?: string;
  readonly score?: ScoreName;
  readonly maxPathProducts?: number;
  readonly out?: string;
  readonly against?: string;
  readonly pathColumn: string;
  readonly productColumn: string;
}

/** `also-viewed report` */
export function reportCommand(session: Session): Command {
  const options = () => [...reportOptions(), workOption(), ...targetOptions(), ...columnOptions()];
  return commandWith('report', 'a self-contained HTML page about a run', options)
    .addHelpText(
      'after',
      `
Examples:
  also-viewed report                                     of the newest run, into its folder
  also-viewed report --names products.tsv --out report.html
  also-viewed report --against 20261120T031500.123Z-4bccab
  also-viewed report --relations relations.tsv --views views.tsv --score llr
  ALSO_VIEWED_TARGET_PASSWORD_FILE=password \\
  also-viewed report --target mysql://reader@db/shop     of the table of the storefront`,
    )
    .action(async (_: unknown, command: Command) => {
      const effects = await begin(command, session);
      // The configuration's is that of relations, which the page would replace.
      onlyNamed(command, 'out');
      const flags = command.opts<ReportFlags>();
      const { report } = await import('../report/page/report.ts');
      const against =
        flags.against === undefined
          ? undefined
          : { name: flags.against, side: await sideOf(flags.against, flags, effects) };
      const columns = { path: flags.pathColumn, product: flags.productColumn };
      const from = await shownTarget(command, flags, effects);
      const { location } = await report({ ...flags, ...from, against, columns }, effects);
      if (location !== '-') {
        effects.log.info(`The report is in ${location}`);
      }
    });
}
