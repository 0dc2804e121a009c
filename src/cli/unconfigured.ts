import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseSetting } from '../config/parse-setting.ts';
import { type Setting, settings } from '../config/settings.ts';
import { defaultEffects } from '../default-effects.ts';
import type { WatchSettings } from '../watch/watched.ts';
import { openLog } from './log.ts';
import type { Session } from './session.ts';

/**
 * Does what comes before a run has its settings. When it fails, those who watch are told, as far as can be known who they are: a misspelt key must
 * not be why nobody hears of the night that it costs.
 *
 * @throws whatever `work` throws
 */
export async function orTell<T>(command: Command, session: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (command.name() === 'run' && command.getOptionValue('plan') !== true) {
      await Promise.all((await watchersOf(command)).map((each) => tell(each, session, error)));
    }
    throw error;
  }
}

async function tell(watch: WatchSettings, session: Session, error: unknown): Promise<void> {
  const { watched } = await import('../watch/watched.ts');
  const log = await openLog({ ...session.log, store: watch.store }, process.stderr);
  await watched(watch, defaultEffects({ signal: session.signal, log }), () => Promise.reject(error)).catch(() => {});
}

/** Who is to be told, for each store that was to run: by flags and variables, then by what can be read of the file. */
async function watchersOf(command: Command): Promise<WatchSettings[]> {
  const { config, store, all } = command.opts<{ config?: string; store?: string; all?: true }>();
  const { watchersInFile } = await import('../config/watchers-in-file.ts');
  let file: ReturnType<typeof watchersInFile> | undefined;
  try {
    file = config === undefined ? undefined : watchersInFile(await readFile(config, 'utf8'));
  } catch {
    // That is why it cannot be used.
  }
  const names = [...(file?.stores.keys() ?? [])];
  const wanted = store !== undefined ? [store] : all === true && names.length > 0 ? names : [undefined];
  return wanted.map((each) => {
    const own = each === undefined ? undefined : file?.stores.get(each);
    const find = (name: keyof typeof attributes): string | undefined => {
      // What came from the file may be there already, as it is for this store.
      const isOutside = command.getOptionValueSource(attributes[name]) !== 'config';
      const given: unknown = isOutside ? command.getOptionValue(attributes[name]) : undefined;
      const forAll = given ?? (own?.has(name) ? undefined : file?.common.get(name));
      return usable(
        name,
        typeof forAll === 'string' && each !== undefined ? ofStore(name, forAll, each) : (forAll ?? own?.get(name)),
      );
    };
    return { store: each, metrics: find('metrics'), ping: find('ping'), onFailure: find('on-failure') };
  });
}

const attributes = { metrics: 'metrics', ping: 'ping', 'on-failure': 'onFailure' } as const;

/** The part of a store of what is said for all. */
function ofStore(name: keyof typeof attributes, value: string, store: string): string {
  const setting: Setting = settings[name];
  return setting.ofStore?.(value, store) ?? value;
}

/** A setting, if it has its form. */
function usable(name: keyof typeof attributes, value: unknown): string | undefined {
  try {
    parseSetting(settings[name], String(value ?? ''), { place: name, fault: 'usage' });
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
