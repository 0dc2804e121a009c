import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseSetting } from '../config/parse-setting.ts';
import { type Setting, settings } from '../config/settings.ts';
import type { Watchers } from '../config/watchers-in-file.ts';
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
    const inFile = new Map([...(file?.common ?? []), ...(each === undefined ? [] : (file?.stores.get(each) ?? []))]);
    return {
      store: each,
      metrics: usable(command, 'metrics', inFile, each),
      ping: usable(command, 'ping', inFile, each),
      onFailure: usable(command, 'on-failure', inFile, each),
    };
  });
}

/** A setting that has its form. */
function usable(
  command: Command,
  name: 'metrics' | 'ping' | 'on-failure',
  inFile: Watchers,
  store: string | undefined,
): string | undefined {
  const attribute = name === 'on-failure' ? 'onFailure' : name;
  const given: unknown = command.getOptionValue(attribute) ?? inFile.get(name);
  if (typeof given !== 'string') {
    return undefined;
  }
  const setting: Setting = settings[name];
  const text = (store !== undefined && setting.ofStore?.(given, store)) || given;
  try {
    parseSetting(setting, text, { place: name, fault: 'usage' });
    return text;
  } catch {
    return undefined;
  }
}
