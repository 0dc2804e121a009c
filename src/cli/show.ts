import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import type { ScoreName } from '../relation/scores.ts';
import type { ListFormat } from '../report/list-formats.ts';
import type { ShownList } from '../report/show.ts';
import { begin, commandWith } from './command.ts';
import { columnOptions, showOptions, targetOptions, workOption } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';
import { shownTarget } from './shown-target.ts';

interface ShowFlags extends TargetSettings {
  readonly relations?: string;
  readonly views?: string;
  readonly run?: string;
  readonly work: string;
  readonly names?: string;
  readonly top: number;
  readonly score?: ScoreName;
  readonly maxPathProducts?: number;
  readonly format?: ListFormat;
  readonly pathColumn: string;
  readonly productColumn: string;
}

/** `also-viewed show` */
export function showCommand(session: Session): Command {
  const options = () => [...showOptions(), workOption(), ...targetOptions(), ...columnOptions()];
  return commandWith('show', 'the list of a product', options)
    .argument('<products...>', 'product ids')
    .addHelpText(
      'after',
      `
Examples:
  also-viewed show 1001                                    from the newest run
  also-viewed show 1001 1002 --relations relations.tsv --names products.tsv --top 5
  also-viewed show 1001 --score llr --format csv > 1001.csv
  ALSO_VIEWED_TARGET_PASSWORD_FILE=password \\
  also-viewed show 1001 --target mysql://reader@db/shop    from the table of the storefront`,
    )
    .action(async (products: string[], _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const flags = command.opts<ShowFlags>();
      const { show } = await import('../report/show.ts');
      const { formatLists } = await import('../report/format-lists.ts');
      const { numbersFor } = await import('../report/format-rows.ts');
      const columns = { path: flags.pathColumn, product: flags.productColumn };
      const from = await shownTarget(command, flags, effects);
      const lists = await show({ ...flags, ...from, products, columns }, effects);
      for (const list of lists.filter(({ relations }) => relations === 0)) {
        effects.log.warn(await withoutList(list));
      }
      const format = flags.format ?? (process.stdout.isTTY ? 'table' : 'tsv');
      const text = await formatLists(lists, lists[0]?.orderedBy ?? 'weight', format, numbersFor(process.stdout.isTTY));
      await print(text, effects);
    });
}

async function withoutList({ product, name, paths, near }: ShownList): Promise<string> {
  if (name !== undefined || paths) {
    return `${product} has no related products`;
  }
  const { didYouMean } = await import('../report/near-products.ts');
  return [`${product} has no related products, or is not known`, didYouMean(near)].filter(Boolean).join('. ');
}
