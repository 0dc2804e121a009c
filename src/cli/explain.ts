import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import type { ScoreName } from '../relation/scores.ts';
import type { ListFormat } from '../report/list-formats.ts';
import { begin, commandWith } from './command.ts';
import { onlyNamed } from './only-named.ts';
import { columnOptions, explainOptions, targetOptions, workOption } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';
import { shownTarget } from './shown-target.ts';

interface ExplainFlags extends TargetSettings {
  readonly relations?: string;
  readonly views?: string;
  readonly run?: string;
  readonly work: string;
  readonly names?: string;
  readonly top?: number;
  readonly score?: ScoreName;
  readonly minWeight?: number;
  readonly maxPathProducts?: number;
  readonly products?: string;
  readonly format: ListFormat;
  readonly pathColumn: string;
  readonly productColumn: string;
}

/** `also-viewed explain` */
export function explainCommand(session: Session): Command {
  const options = () => [...explainOptions(), workOption(), ...targetOptions(), ...columnOptions()];
  return commandWith('explain', 'why two products are related, or not: the counts and paths behind the weight', options)
    .argument('<source>', 'product id')
    .argument('<target>', 'product id')
    .addHelpText(
      'after',
      `
Examples:
  also-viewed explain 1001 1035                     of the newest run
  also-viewed explain 1001 1035 --views views.tsv
  also-viewed explain 1001 1035 --views views.tsv --top 20 --min-weight 2 --format jsonl`,
    )
    .action(async (source: string, target: string, _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const { run, views } = command.opts<ExplainFlags>();
      if (run !== undefined || views === undefined) {
        // A run has the limits that it was made with, whatever the next one will have.
        onlyNamed(command, 'top', 'score', 'minWeight', 'maxPathProducts', 'products');
      }
      const flags = command.opts<ExplainFlags>();
      const { explain } = await import('../report/explain.ts');
      const { formatExplanation } = await import('../report/format-explanation.ts');
      const { numbersFor } = await import('../report/format-rows.ts');
      const columns = { path: flags.pathColumn, product: flags.productColumn };
      const from = await shownTarget(command, flags, effects);
      const number = numbersFor(flags.format === 'table' && process.stdout.isTTY);
      const explanation = await explain({ ...flags, ...from, source, target, columns, number }, effects);
      const text = await formatExplanation(explanation, flags.format, number);
      await print(text, effects);
    });
}
