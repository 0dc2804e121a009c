import type { Command } from 'commander';
import type { EffectiveSetting } from '../config/effective-setting.ts';
import type { ListFormat } from '../report/list-formats.ts';
import { commandWith, openEffects } from './command.ts';
import { configure } from './configuration.ts';
import { writtenOptions } from './options.ts';
import type { Session } from './session.ts';

/** `also-viewed config` */
export function configCommand(session: Session): Command {
  return commandWith('config', 'print the effective settings and where each comes from', writtenOptions())
    .addHelpText(
      'after',
      `
Examples:
  also-viewed config --config also-viewed.yml
  also-viewed config --config stores.yml --store uk --format tsv | grep -v default`,
    )
    .action(async (_: unknown, command: Command) => {
      const { env, values } = await configure(command, process.env);
      const effects = await openEffects(command, session, env);
      const { effectivePasswords, effectiveSetting } = await import('../config/effective-setting.ts');
      const { formatSettings } = await import('../report/format-settings.ts');
      const { writeFile } = await import('../storage/output.ts');
      const { store, format } = command.opts<{ readonly store?: string; readonly format: ListFormat }>();
      const settings: EffectiveSetting[] = [
        ...command.options.flatMap((option) => {
          const from = command.getOptionValueSource(option.attributeName());
          return effectiveSetting(option.name(), command.getOptionValue(option.attributeName()), from, values) ?? [];
        }),
        ...effectivePasswords(process.env, store),
      ];
      const text = await formatSettings(settings, format);
      await writeFile('-', effects, (output) => output.write(Buffer.from(text), settings.length + 1));
    });
}
