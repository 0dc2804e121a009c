import process from 'node:process';
import { type Command, Option } from 'commander';
import type { ListFormat } from '../report/format-lists.ts';
import { begin, commandWith } from './command.ts';
import { columnOptions, namesOption, workOption } from './options.ts';
import { parseCount } from './parse.ts';

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
export function showCommand(signal: AbortSignal): Command {
  const options = [
    new Option('--relations <file>', 'relations file, instead of a run'),
    new Option('--views <file>', 'views, for the share of the paths (default: those of the run)'),
    new Option('--run <id>', 'run of the work folder (default: the newest)'),
    workOption(),
    namesOption(),
    new Option('--top <n>', 'length of the lists').argParser(parseCount).default(10),
    new Option('--format <format>', 'format of the output (default: table on a terminal, else tsv)').choices([
      'table',
      'tsv',
      'csv',
      'jsonl',
    ]),
    ...columnOptions(),
  ];
  return commandWith('show', 'the list of a product', options)
    .argument('<products...>', 'product ids')
    .addHelpText('after', '\nExample:\n  also-viewed show 1001 --names products.tsv --top 5')
    .action(async (products: string[], _: unknown, command: Command) => {
      const effects = await begin(command, signal);
      const flags = command.opts<ShowFlags>();
      const { show } = await import('../report/show.ts');
      const { formatLists } = await import('../report/format-lists.ts');
      const columns = { path: flags.pathColumn, product: flags.productColumn };
      const lists = await show({ ...flags, products, columns }, effects);
      effects.stdout.write(await formatLists(lists, flags.format ?? (process.stdout.isTTY ? 'table' : 'tsv')));
    });
}
