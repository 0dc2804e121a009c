import type { Command } from 'commander';
import type { EffectiveSetting } from '../config/effective-setting.ts';
import { isSetting } from '../config/settings.ts';
import type { ListFormat } from '../report/list-formats.ts';
import { commandWith, openEffects } from './command.ts';
import { configOptions } from './options.ts';
import { print } from './print.ts';
import type { Session } from './session.ts';

const sides = ['source', 'target'] as const;

/** `also-viewed config` */
export function configCommand(session: Session): Command {
  return commandWith('config', 'print the effective settings and where each comes from', configOptions)
    .addHelpText(
      'after',
      `
Examples:
  also-viewed config --config also-viewed.yml
  also-viewed config --config stores.yml --store uk --format tsv | grep -v default
  also-viewed config --config stores.yml --all --format csv`,
    )
    .action(async (_: unknown, command: Command) => {
      const { checkTogether, configure, configureAll } = await import('./configuration.ts');
      const all = command.getOptionValue('all') === true;
      const configured = all ? await configureAll(command, process.env) : [await configure(command, process.env)];
      const effects = await openEffects(command, session, process.env);
      const { effectivePassword, effectiveSetting } = await import('../config/effective-setting.ts');
      const { formatSettings } = await import('../report/format-settings.ts');
      const settings: EffectiveSetting[] = [];
      for (const each of configured) {
        await checkTogether(each);
        const { command: own, given } = each;
        const { config, store } = own.opts<{ readonly config?: string; readonly store?: string }>();
        const found = own.options.flatMap((option) => {
          const name = option.name();
          const set = isSetting(name) ? given.get(name) : undefined;
          return effectiveSetting(name, own.getOptionValue(option.attributeName()), set) ?? [];
        });
        const passwords = sides.map((side) =>
          effectivePassword(side, own.getOptionValue(side), given.get(side)?.place, process.env, store),
        );
        settings.push(...[...found, ...passwords].map((setting) => (all ? { store, ...setting } : setting)));
        for (const side of sides.filter((name) => config && own.getOptionValue(name) === undefined)) {
          effects.log.warn(`No ${side} is named in ${config}${all ? ` for store ${store}` : ''}: a run needs one`);
        }
      }
      const text = await formatSettings(settings, command.opts<{ readonly format: ListFormat }>().format);
      await print(text, effects);
    });
}
