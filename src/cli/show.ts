import process from 'node:process';
import type { Command } from 'commander';
import type { ListFormat } from '../report/list-formats.ts';
import { begin, commandWith } from './command.ts';
import { columnOptions, showOptions, workOption } from './options.ts';
import type { Session } from './session.ts';

interface ShowFlags {
  readonly relations?: string;
  readonly views?: string;
  readonly run?: string;
  readonly work: string;
  readonly names?: string;
  readonly top: number;
  readonly format?: ListFormat;
  readonly pathColumn: string;
  readonly productColumn: string;
}

/** `also-viewed show` */
export function showCommand(session: Session): Command {
  const options = [...showOptions(), workOption(), ...columnOptions()];
  return commandWith('show', 'the list of a product', options)
    .argument('<products...>', 'product ids')
    .addHelpText('after', '\nExample:\n  also-viewed show 1001 --names products.tsv --top 5')
    .action(async (products: string[], _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const flags = command.opts<ShowFlags>();
      const { show } = await import('../report/show.ts');
      const { formatLists } = await import('../report/format-lists.ts');
      const columns = { path: flags.pathColumn, product: flags.productColumn };
      const lists = await show({ ...flags, products, columns }, effects);
      for (const { product } of lists.filter(({ relations }) => relations === 0)) {
        effects.log.warn(`${product} has no related products, or is not known`);
      }
      const text = await formatLists(lists, flags.format ?? (process.stdout.isTTY ? 'table' : 'tsv'));
      const { writeFile } = await import('../storage/output.ts');
      await writeFile('-', effects, (output) => output.write(Buffer.from(text), lists.length));
    });
}
