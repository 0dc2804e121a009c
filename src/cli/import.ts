import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import { begin, commandWith } from './command.ts';
import { targetOptions } from './options.ts';
import { publicationLine } from './publication-line.ts';
import type { Session } from './session.ts';

/** `also-viewed import` */
export function importCommand(session: Session): Command {
  return commandWith('import', 'publish a relations file to a table', targetOptions())
    .argument('<relations>', 'relations file: a path or an s3:// address')
    .addHelpText(
      'after',
      '\nExample:\n  ALSO_VIEWED_TARGET_PASSWORD_FILE=/etc/also-viewed/password \\\n  also-viewed import relations.tsv.gz --target mysql://writer@db/shop',
    )
    .action(async (relations: string, _: unknown, command: Command) => {
      const effects = await begin(command, session);
      const { targetFrom } = await import('../config/sides.ts');
      const { importRelations } = await import('../importer/import-relations.ts');
      const target = await targetFrom(command.opts<TargetSettings>(), effects);
      const imported = await importRelations(relations, target, {}, effects);
      const { changes: _changes, ...figures } = imported;
      effects.log.info(publicationLine(imported), figures);
    });
}
