import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import type { ListFormat } from '../report/list-formats.ts';
import { begin, commandWith } from './command.ts';
import { type GateFlags, gateOf } from './gate-flags.ts';
import {
  dryRunOption,
  gateOptions,
  paceOption,
  stageTimeoutOption,
  swapOption,
  tableFormatOption,
  targetOptions,
  waitOption,
} from './options.ts';
import { print } from './print.ts';
import { publicationLine } from './publication-line.ts';
import type { Session } from './session.ts';

type ImportFlags = TargetSettings &
  GateFlags & {
    readonly wait?: number;
    readonly stageTimeout?: number;
    readonly dryRun?: boolean;
    readonly format: ListFormat;
  };

/** `also-viewed import` */
export function importCommand(session: Session): Command {
  const options = () => [
    ...targetOptions(),
    ...gateOptions(),
    paceOption(),
    swapOption(),
    waitOption(),
    stageTimeoutOption(),
    dryRunOption(),
    tableFormatOption('format of what --dry-run prints'),
  ];
  return commandWith('import', 'publish a relations file to a table', options)
    .argument(
      '<relations...>',
      'relations file, or sorted parts of one: files, folders, globs, s3:// addresses, or - for standard input',
    )
    .addHelpText(
      'after',
      `
Examples:
  ALSO_VIEWED_TARGET_PASSWORD_FILE=/etc/also-viewed/password \\
  also-viewed import relations.tsv.gz --target mysql://writer@db/shop
  also-viewed import part-00000 part-00001 --target mysql://writer@db/shop
  also-viewed import relations.tsv.gz --target old.tsv --dry-run --format jsonl`,
    )
    .action(async (relations: string[], _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const { targetFrom } = await import('../config/sides.ts');
      const { importRelations } = await import('../importer/import-relations.ts');
      const flags = command.opts<ImportFlags>();
      const target = await targetFrom(flags, effects);
      const { dryRun, wait, store } = flags;
      const { withinLimit } = await import('../run/stage-limit.ts');
      const imported = await withinLimit('publish', flags.stageTimeout, effects, (watched) =>
        importRelations(relations, target, { ...gateOf(flags), dryRun, wait, store }, watched),
      );
      if (dryRun === true) {
        const { formatDryRun } = await import('../report/format-dry-run.ts');
        const { numbersFor } = await import('../report/format-rows.ts');
        const text = await formatDryRun(imported, flags.format, numbersFor(process.stdout.isTTY));
        await print(text, effects);
      } else {
        const { added, changed, removed, unchanged } = imported;
        effects.log.info(publicationLine(imported, effects), {
          ...{ relations: imported.relations, sources: imported.sources },
          ...{ added, changed, removed, unchanged },
        });
      }
    });
}
