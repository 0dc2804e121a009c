import type { Command } from 'commander';
import type { EvaluateOptions } from '../report/evaluate/options.ts';
import type { ListFormat } from '../report/list-formats.ts';
import { begin, commandWith } from './command.ts';
import { evaluateOptions } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';

type EvaluateFlags = Omit<EvaluateOptions, 'views'> & { readonly format: ListFormat };

/** `also-viewed evaluate` */
export function evaluateCommand(session: Session): Command {
  return commandWith('evaluate', 'how well the lists foresee what people view next, by every score', evaluateOptions)
    .argument('[views...]', 'files, folders, globs, s3:// addresses, or - for standard input')
    .addHelpText(
      'after',
      `
Examples:
  also-viewed evaluate views.tsv
  also-viewed evaluate views.tsv --time-column viewed_at --test-share 10% --cutoffs 6
  also-viewed evaluate --train train.tsv --test test.tsv --targets all --format csv > figures.csv`,
    )
    .action(async (views: string[], _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const { format, ...flags } = command.opts<EvaluateFlags>();
      const { evaluate } = await import('../report/evaluate/evaluate.ts');
      const { formatFigures, protocolLines } = await import('../report/evaluate/format-evaluation.ts');
      const { numbersFor } = await import('../report/format-rows.ts');
      const number = numbersFor(process.stdout.isTTY);
      const evaluation = await evaluate({ ...flags, views }, effects);
      if (format === 'tsv' || format === 'csv') {
        for (const line of protocolLines(evaluation, number)) {
          effects.log.info(line);
        }
      }
      const text = await formatFigures(evaluation, format, number);
      await print(text, effects);
    });
}
