import type { Command } from 'commander';
import type { TargetSettings } from '../config/sides.ts';
import type { Effects } from '../effects.ts';
import type { MysqlTable } from '../importer/import-table.ts';

/**
 * A target that the command line names; the one of the configuration is for publishing, and the newest run has more to show.
 *
 * @throws ExpectedFailure when it is a file and relations are named beside it
 */
export async function shownTarget(
  command: Command,
  flags: TargetSettings & { readonly relations?: string },
  effects: Effects,
): Promise<{ table?: MysqlTable; relations?: string }> {
  if (command.getOptionValueSource('target') !== 'cli') {
    return {};
  }
  const { targetFrom } = await import('../config/sides.ts');
  const target = await targetFrom(flags, effects);
  if (target.kind === 'table') {
    return { table: target.table };
  }
  if (flags.relations !== undefined) {
    throw (await import('../report/lookup.ts')).twoPlaces();
  }
  return { relations: target.location };
}
