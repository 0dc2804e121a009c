import type { Command } from 'commander';
import { ExpectedFailure } from '../failure.ts';
import type { ListFormat } from '../report/list-formats.ts';
import { begin, commandWith } from './command.ts';
import { diffOptions } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';
import { type SideFlags, sideOf } from './side-of.ts';

type DiffFlags = SideFlags & { readonly format: ListFormat; readonly names?: string; readonly productColumn: string };

/** `also-viewed diff` */
export function diffCommand(session: Session): Command {
  return commandWith('diff', 'what changed between two sets of relations; exit code 1 when something did', diffOptions)
    .argument('<old>', 'relations file, id of a run, or mysql://user@host:port/database')
    .argument('<new>', 'the same')
    .addHelpText(
      'after',
      `
The biggest movers are those whose weight changed most, and of those by as much, whose weight changed by the larger share. No product is
named twice while there are others. --format tsv, csv and jsonl have every change.

Examples:
  also-viewed diff yesterday.tsv.gz today.tsv.gz
  also-viewed diff 20261120T031500.123Z-4bccab 20261121T031500.456Z-9d2f01 --format csv > changes.csv
  ALSO_VIEWED_TARGET_PASSWORD_FILE=password \\
  also-viewed diff relations.tsv mysql://reader@db/shop || echo 'the table is not up to date'`,
    )
    .action(async (old: string, next: string, _: unknown, command: Command) => {
      const effects = await begin(command, session);
      if (old === '-' && next === '-') {
        throw new ExpectedFailure('usage', 'Cannot compare standard input with itself', {
          remedy: 'Name a file for one of the two.',
        });
      }
      const flags = command.opts<DiffFlags>();
      const { diff } = await import('../report/diff.ts');
      const [before, after] = [await sideOf(old, flags, effects), await sideOf(next, flags, effects)];
      const { format, names: file, productColumn } = flags;
      const changes = format === 'table' ? undefined : { out: '-', format };
      const names = format === 'table' ? { file, productColumn } : undefined;
      // A bar would stand between the rows.
      const silent = changes !== undefined && process.stdout.isTTY ? { progress: () => {} } : {};
      const difference = await diff(before, after, { changes, names }, { ...effects, ...silent });
      if (format === 'table') {
        const { formatDifference } = await import('../report/format-difference.ts');
        const { numbersFor } = await import('../report/format-rows.ts');
        const text = await formatDifference(difference, numbersFor(process.stdout.isTTY));
        await print(text, effects);
      }
      if (difference.added + difference.changed + difference.removed > 0) {
        // As `diff` has it: no failure.
        process.exitCode = 1;
      }
    });
}
