import type { Command } from 'commander';
import type { SourceSettings } from '../config/sides.ts';
import { begin, commandWith } from './command.ts';
import { columnOptions, outOption, sourceOptions, stageTimeoutOption } from './options.ts';
import type { Session } from './session.ts';

/** `also-viewed export` */
export function exportCommand(session: Session): Command {
  const options = () => [...sourceOptions(), ...columnOptions(), outOption(), stageTimeoutOption()];
  return commandWith('export', 'views from MySQL to a TSV', options)
    .addHelpText(
      'after',
      '\nExample:\n  ALSO_VIEWED_SOURCE_PASSWORD_FILE=/etc/also-viewed/password \\\n  also-viewed export --source mysql://reader@db/shop --time-column viewed_at --since 90d --out views.tsv.gz',
    )
    .action(async (_: unknown, command: Command) => {
      const effects = await begin(command, session);
      const settings = command.opts<SourceSettings & { out: string; stageTimeout?: number }>();
      const { sourceFrom } = await import('../config/sides.ts');
      const { exportSource } = await import('../exporter/export-source.ts');
      const { columnsOf } = await import('../engine/relate.ts');
      const { RejectedRows } = await import('../tsv/rejected-rows.ts');
      const { withinLimit } = await import('../run/stage-limit.ts');
      const source = await sourceFrom(settings, effects);
      const { out } = settings;
      const { artefact, rows, nulls } = await withinLimit('export', settings.stageTimeout, effects, (watched) =>
        exportSource(source, columnsOf(settings), out, RejectedRows.beside(out, watched), watched),
      );
      const { number } = effects;
      effects.log.info(
        `Exported ${number(rows)} views${nulls > 0 ? `, left out ${number(nulls)} with NULL` : ''}, sha256 ${artefact.sha256}`,
        {
          rows,
          nulls,
          sha256: artefact.sha256,
        },
      );
    });
}
