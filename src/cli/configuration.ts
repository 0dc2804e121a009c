import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import { checkRules } from '../config/rules.ts';
import { isSetting, type SettingName, type SettingValues, variableOf } from '../config/settings.ts';
import type { Given } from '../config/stores.ts';
import type { Effects } from '../effects.ts';
import { ExpectedFailure, fileFailure, messageOf } from '../failure.ts';
import { completeOptions, type GivenSettings } from './complete-options.ts';

/** A command whose options are complete. */
export interface Configured {
  readonly command: Command;
  /** The environment for it: that of its store, if it has one. */
  readonly env: Effects['env'];
  /** What is set, and where. */
  readonly given: GivenSettings;
}

/** One whose options are those of a store. */
interface StoreCommand extends Configured {
  readonly store: string;
}

/**
 * Completes the options of a command from its configuration file, if it names one; those of one store where that has several.
 *
 * @throws ExpectedFailure when the file cannot be read or used, the store is not in it, or none is named and the command needs one
 */
export async function configure(command: Command, env: Effects['env']): Promise<Configured> {
  const { config, store } = command.opts<{ readonly config?: string; readonly store?: string }>();
  const configuration = config === undefined ? undefined : await readConfiguration(config);
  if (store !== undefined) {
    return await storeCommand(command, storesOf(command, configuration), store, env);
  }
  if (configuration !== undefined) {
    // Views and relations of one call may be related and shown with what is common to the stores.
    if (
      configuration.stores.size > 0 &&
      command.options.some((option) => /^(source|target|work)$/.test(option.name()))
    ) {
      const stores = [...configuration.stores.keys()].map((each) => `--store ${each}`);
      const all = command.options.some((option) => option.name() === 'all') ? ['--all'] : [];
      throw new ExpectedFailure('usage', `Cannot use ${config}: it has stores, and none is named`, {
        remedy: `Add ${[...stores, ...all].join(', or ')}.`,
      });
    }
  }
  return { command, env, given: completeOptions(command, configuration?.common ?? new Map(), env) };
}

/**
 * A command for each store of the configuration file, in the order of the file; the options of `command` get what is common to them.
 *
 * @throws ExpectedFailure when it has none, or two of them could reach the same table or folder
 */
export async function configureAll(command: Command, env: Effects['env']): Promise<StoreCommand[]> {
  const { config } = command.opts<{ readonly config?: string }>();
  const configuration = storesOf(command, config === undefined ? undefined : await readConfiguration(config));
  const stores: StoreCommand[] = [];
  for (const store of configuration.stores.keys()) {
    const own = copyOf(command);
    own.setOptionValueWithSource('store', store, 'cli');
    stores.push(await storeCommand(own, configuration, store, env));
  }
  completeOptions(command, configuration.common, env);
  return stores;
}

/** Completes the options of `command` from what the file says of a store. */
async function storeCommand(
  command: Command,
  configuration: Configuration,
  store: string,
  env: Effects['env'],
): Promise<StoreCommand> {
  const { checkStores, environmentOf, placeOfStore, valuesOf } = await import('../config/stores.ts');
  const own = configuration.stores.get(store);
  if (own === undefined) {
    const { nearest } = await import('../config/nearest.ts');
    const names = [...configuration.stores.keys()];
    const near = nearest(store, names);
    throw new ExpectedFailure('usage', `Cannot find a store ${store} in the configuration`, {
      remedy: near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`,
    });
  }
  const all = command.getOptionValue('all') === true;
  const outside = (of: string, name: SettingName): Given | undefined => {
    const attribute = command.options.find((option) => option.name() === name)?.attributeName() ?? name;
    if ((all || of === store) && command.getOptionValueSource(attribute) === 'cli') {
      return { text: String(command.getOptionValue(attribute)), from: `--${name}`, deliberate: !all };
    }
    const text = env[variableOf(name)];
    return text === undefined ? undefined : { text, from: variableOf(name), deliberate: false };
  };
  await checkStores(configuration, all, outside);
  const given = completeOptions(command, valuesOf(configuration, store), env);
  for (const option of command.options) {
    const name = option.name();
    const attribute = option.attributeName();
    const value: unknown = command.getOptionValue(attribute);
    if (isSetting(name) && typeof value === 'string') {
      const place = placeOfStore(name, value, store, own, outside);
      command.setOptionValueWithSource(attribute, place, command.getOptionValueSource(attribute) ?? 'default');
    }
  }
  return { store, command, given, env: environmentOf(env, store, [...configuration.stores.keys()]) };
}

/**
 * Looks whether the settings of a complete command can work together.
 *
 * @throws ExpectedFailure with the place of one that cannot
 */
export async function checkTogether({ command, given, env }: Configured): Promise<void> {
  const takes = (name: SettingName): boolean => command.options.some((option) => option.name() === name);
  await checkRules(takes, command.opts<Partial<SettingValues>>(), given, env);
}

/** @throws ExpectedFailure when there is no file, or no store in it */
function storesOf(command: Command, configuration: Configuration | undefined): Configuration {
  if (configuration === undefined) {
    throw new ExpectedFailure('usage', 'Cannot choose a store: no configuration file is named', {
      remedy: 'Add --config also-viewed.yml.',
    });
  }
  if (configuration.stores.size === 0) {
    throw new ExpectedFailure('usage', `Cannot choose a store: ${command.getOptionValue('config')} has none`, {
      remedy: 'Write them in the file, `stores: {uk: …, de: …}`, or leave --store and --all out.',
    });
  }
  return configuration;
}

/** A command with the same options, values and their origins, which may be completed by itself. */
export function copyOf(command: Command): Command {
  const copy = new Command(command.name());
  for (const option of command.options) {
    const name = option.attributeName();
    const from = command.getOptionValueSource(name);
    copy.addOption(option);
    if (from !== undefined) {
      copy.setOptionValueWithSource(name, command.getOptionValue(name), from);
    }
  }
  return copy;
}

/**
 * Reads a configuration file.
 *
 * @throws ExpectedFailure when it is missing, is not UTF-8 or not YAML, or holds a key or a value that is not known
 */
async function readConfiguration(file: string): Promise<Configuration> {
  const { parseConfiguration } = await import('../config/configuration.ts');
  const { withConnections } = await import('../config/connections.ts');
  let text: string;
  try {
    // Not as the encoding of `readFile`, which would put other characters in the place of what is no UTF-8.
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const failure = fileFailure('read', `the configuration ${file}`, error);
    const message =
      failure instanceof ExpectedFailure
        ? failure.message
        : `Cannot read the configuration ${file}: ${messageOf(error)}`;
    throw new ExpectedFailure('configuration', message, {
      remedy: 'Check --config or ALSO_VIEWED_CONFIG.',
      cause: error,
    });
  }
  return withConnections(parseConfiguration(file, text));
}
