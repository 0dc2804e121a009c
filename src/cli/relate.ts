import type { Command } from 'commander';
import type { RelateOptions } from '../engine/relate.ts';
import { begin, commandWith } from './command.ts';
import { formatOption, outOption, planOptions, relateOptions } from './options.ts';
import type { Session } from './session.ts';

/** `also-viewed relate` */
export function relateCommand(session: Session): Command {
  return commandWith('relate', 'relations from views', [
    outOption(),
    formatOption(),
    ...relateOptions(),
    ...planOptions(),
  ])
    .argument('<views...>', 'files, folders, globs, s3:// addresses, or - for standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  also-viewed relate views.tsv --top 20 --out relations.tsv\n  zcat views.tsv.gz | also-viewed relate - | head',
    )
    .action(async (views: string[], _: unknown, command: Command) => {
      const effects = await begin(command, session);
      if (command.getOptionValue('plan') === true) {
        const { planRelate } = await import('../engine/relate.ts');
        effects.stdout.write(await planRelate(views, command.opts<RelateOptions>(), effects));
        return;
      }
      const { relate } = await import('../engine/relate.ts');
      const related = await relate(views, command.opts<RelateOptions>(), effects);
      const { paths, products, relations, weight } = related;
      effects.log.info(
        `Related ${products} products over ${paths} paths: ${relations} relations, total weight ${weight}, sha256 ${related.artefact.sha256}`,
        { paths, products, views: related.views, relations, weight, sha256: related.artefact.sha256 },
      );
    });
}
