import type { Command } from 'commander';
import type { RelateOptions } from '../engine/relate.ts';
import { begin, commandWith } from './command.ts';
import { formatOption, outOption, planOptions, relateOptions } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';

/** `also-viewed relate` */
export function relateCommand(session: Session): Command {
  return commandWith('relate', 'relations from views', () => [
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
        const { numbersFor } = await import('../report/format-rows.ts');
        const number = numbersFor(process.stdout.isTTY);
        await print(await planRelate(views, command.opts<RelateOptions>(), effects, number), effects);
        return;
      }
      const { relate } = await import('../engine/relate.ts');
      const options = command.opts<RelateOptions>();
      const related = await relate(views, options, effects);
      const { paths, products, relations, weight, leftOut } = related;
      const { number } = effects;
      const without = leftOut.paths === 0 ? '' : `, ${number(leftOut.paths)} of them left out`;
      effects.log.info(
        `Related ${number(products)} products over ${number(paths)} paths${without}: ${number(relations)} relations, total weight ${number(weight)}${beforeLimits(options)}, sha256 ${related.artefact.sha256}`,
        {
          paths,
          products,
          views: related.views,
          relations,
          weight,
          leftOutPaths: leftOut.paths,
          sha256: related.artefact.sha256,
        },
      );
    });
}

/** What the total weight does not know of: it is the sum before any list was cut. */
function beforeLimits({ top, minWeight = 1, products }: RelateOptions): string {
  const limits = [
    top === undefined ? '' : '--top',
    minWeight > 1 ? '--min-weight' : '',
    products === undefined ? '' : '--products',
  ].filter((limit) => limit !== '');
  return limits.length === 0 ? '' : ` before ${limits.join(' and ')}`;
}
