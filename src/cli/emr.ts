import { Command } from 'commander';
import type { ListFormat } from '../report/list-formats.ts';
import { begin, commandWith } from './command.ts';
import { emrRegionOption, listFormatOption } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';

interface EmrFlags {
  readonly emrRegion?: string;
  readonly format?: ListFormat;
}

/** `also-viewed emr` */
export function emrCommand(session: Session): Command {
  const root = new Command('emr')
    .description('clusters of Amazon EMR that this tool started')
    .addHelpText('after', '\nExamples:\n  also-viewed emr clusters\n  also-viewed emr diagnose j-2AXXXXXXGAPLF');
  for (const command of [clustersCommand, diagnoseCommand]) {
    root.addCommand(command(session));
  }
  return root;
}

/** `also-viewed emr clusters` */
function clustersCommand(session: Session): Command {
  const options = () => [emrRegionOption(), listFormatOption()];
  return commandWith('clusters', 'those that are up, with their runs and what they have used', options)
    .addHelpText('after', '\nExample:\n  also-viewed emr clusters --emr-region eu-central-1 --format csv')
    .action(async (_: unknown, command: Command) => {
      const effects = await begin(command, session);
      const { emrRegion } = await import('../engine/emr/emr-settings.ts');
      const { listOwnClusters } = await import('../engine/emr/list-clusters.ts');
      const flags = command.opts<EmrFlags>();
      const region = emrRegion(flags.emrRegion, effects.env);
      const clusters = await listOwnClusters(region, effects);
      if (clusters.length === 0) {
        effects.log.info(`No cluster of also-viewed is up in ${region}`);
      }
      const { formatClusters } = await import('../report/format-clusters.ts');
      const { numbersFor } = await import('../report/format-rows.ts');
      const format = flags.format ?? (process.stdout.isTTY ? 'table' : 'tsv');
      const text = await formatClusters(clusters, format, numbersFor(process.stdout.isTTY));
      await print(text, effects);
    });
}

/** `also-viewed emr diagnose` */
function diagnoseCommand(session: Session): Command {
  return commandWith('diagnose', 'the probable cause of a failed step, from its logs', () => [emrRegionOption()])
    .argument('<cluster>', 'id of the cluster, j-…')
    .argument('[step]', 'id of the step, s-… (default: the newest that failed)')
    .addHelpText('after', '\nExample:\n  also-viewed emr diagnose j-2AXXXXXXGAPLF')
    .action(async (cluster: string, step: string | undefined, _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const { emrRegion } = await import('../engine/emr/emr-settings.ts');
      const { diagnose } = await import('../engine/emr/diagnose.ts');
      const region = emrRegion(command.opts<EmrFlags>().emrRegion, effects.env);
      await print(await diagnose(region, cluster, step, effects), effects);
    });
}
