import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { answered } from '../answered.ts';
import { ExpectedFailure } from '../failure.ts';
import { runsTable } from '../importer/create-tables.ts';
import { isMysqlUri, parseMysqlUri } from '../mysql/address.ts';
import type { Configuration, FileValues } from './configuration.ts';
import { type Setting, type SettingName, settings, variableOf } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a flag or the environment says of a setting; it is stronger than the file. */
export interface Given {
  readonly text: string;
  /** The flag or the variable. */
  readonly from: string;
  /** It is said of this very store, by hand. */
  readonly deliberate: boolean;
}

export type Outside = (store: string, name: SettingName) => Given | undefined;

/** The values of a store: its own, and those of the top of the file where it has none. */
export function valuesOf({ common, stores }: Configuration, store: string): FileValues {
  return new Map([...common, ...(stores.get(store) ?? [])]);
}

/**
 * Makes sure that nothing of one store can reach another's table or work folder, nor hide its failure, whichever of them is to run.
 *
 * Hosts are compared by their names: that two names are one server cannot be known before they are asked. There the table of runs tells whose
 * the table is, and the gate refuses the other store (src/importer/gate.ts).
 *
 * @param together whether they are to run in one process
 * @param outside what flags and the environment say
 * @throws ExpectedFailure `configuration` when two stores would share a table, a file, a work folder, a check or standard input, or when a flag or a variable would replace what a store says of its source or target
 */
export async function checkStores(configuration: Configuration, together: boolean, outside: Outside): Promise<void> {
  const taken = new Map<string, string>();
  const works = new Map<string, string>();
  const files = new Map<string, string>();
  const checks = new Map<string, string>();
  let reader: string | undefined;
  for (const [store, own] of configuration.stores) {
    checkOwn(store, own, outside);
    const values = valuesOf(configuration, store);
    const textOf = (name: 'source' | 'target' | 'target-table' | 'work' | 'metrics' | 'ping'): string | undefined =>
      outside(store, name)?.text ?? values.get(name)?.texts[0] ?? defaultOf(settings[name]);
    if (together && textOf('source') === '-') {
      if (reader !== undefined) {
        throw shared(reader, store, 'read standard input', 'Give each a source of its own.');
      }
      reader = store;
    }
    for (const place of await targetPlaces(textOf('target'), textOf('target-table') ?? '')) {
      const other = taken.get(place);
      if (other !== undefined) {
        throw shared(other, store, `write to ${place}`, 'Give each a target or a target.table of its own.');
      }
      taken.set(place, store);
    }
    const work = await placeOf(placeOfStore('work', textOf('work') ?? '', store, own, outside));
    for (const [other, folder] of works) {
      if (`${work}/`.startsWith(`${folder}/`) || folder.startsWith(`${work}/`)) {
        throw shared(other, store, `keep their runs in ${folder}`, 'Give each a work of its own, none inside another.');
      }
    }
    works.set(store, work);
    const metrics = textOf('metrics');
    // Another name is refused for what it is.
    const file = metrics?.endsWith('.prom')
      ? await placeOf(placeOfStore('metrics', metrics, store, own, outside))
      : store;
    const sharer = files.get(file);
    if (sharer !== undefined) {
      throw shared(sharer, store, `write their metrics to ${file}`, 'Give each a file of its own.');
    }
    files.set(file, store);
    const ping = textOf('ping');
    const check = ping === undefined ? store : placeOfStore('ping', ping, store, own, outside);
    const other = checks.get(check);
    if (other !== undefined) {
      throw shared(
        other,
        store,
        'ping one check, which cannot tell them apart',
        'Write {store} into the URL, which stands for the name, or give each a ping of its own.',
      );
    }
    checks.set(check, store);
  }
}

/** The place of a store: what it says itself, else its part of the one for all. */
export function placeOfStore(
  name: SettingName,
  place: string,
  store: string,
  own: FileValues,
  outside: Outside,
): string {
  const { ofStore }: Setting = settings[name];
  const isOwn = own.has(name) && outside(store, name) === undefined;
  return ofStore === undefined || isOwn ? place : ofStore(place, store);
}

/**
 * The environment of a store: its own passwords, ALSO_VIEWED_UK_TARGET_PASSWORD and the _FILE form, take the place of those for all. Those
 * of other stores are taken out.
 */
export function environmentOf(env: Environment, store: string, stores: readonly string[]): Environment {
  const own: Record<string, string | undefined> = { ...env };
  for (const side of ['SOURCE', 'TARGET']) {
    for (const each of stores) {
      const common = `ALSO_VIEWED_${side}_PASSWORD`;
      const name = `${variableOf(each)}_${side}_PASSWORD`;
      const given = { text: own[name], file: own[`${name}_FILE`] };
      delete own[name];
      delete own[`${name}_FILE`];
      if (each === store && (given.text !== undefined || given.file !== undefined)) {
        own[common] = given.text;
        own[`${common}_FILE`] = given.file;
      }
    }
  }
  return own;
}

function checkOwn(store: string, own: FileValues, outside: Outside): void {
  for (const [name, { place }] of own) {
    const setting: Setting = settings[name];
    const given = outside(store, name);
    if (given?.deliberate === false && (setting.in?.[0] === 'source' || setting.in?.[0] === 'target')) {
      throw new ExpectedFailure(
        'configuration',
        `Cannot use ${given.from}: store ${store} has ${name} of its own (${place}), which it would replace`,
        { remedy: `Take ${given.from} away, or set it in the file for each store.` },
      );
    }
  }
}

/** The names of all that a store writes to: the table and the one of its runs, or the file. */
async function targetPlaces(target: string | undefined, table: string): Promise<string[]> {
  if (target === undefined) {
    return [];
  }
  if (!isMysqlUri(target)) {
    return [await placeOf(target)];
  }
  let at: string;
  try {
    const { host, port, socket, database } = parseMysqlUri(target);
    const loopback = /^(localhost|127\..*|::1)$/i.test(host);
    at = `${socket ?? `${loopback ? 'localhost' : host.toLowerCase().replace(/\.$/, '')}:${port}`}/${database}`;
  } catch {
    // That store fails by itself, and tells why; it reaches no table.
    return [];
  }
  // Without letter case, as servers on some file systems take names.
  return [table, runsTable(table)].map((name) => `${at} ${name}`.toLowerCase());
}

/** One name for one place, also where a folder on the way is a link. */
async function placeOf(location: string): Promise<string> {
  if (/^s3:\/\//i.test(location)) {
    return location.replace(/^s3/i, 's3').replace(/\/+$/, '');
  }
  const folder = path.resolve(location);
  try {
    return await answered(folder, undefined, realpath(folder));
  } catch {
    // What is not there yet is named by the folder that it will be in; the store whose disk does not answer fails by itself.
    const parent = path.dirname(folder);
    return folder === parent ? folder : path.join(await placeOf(parent), path.basename(folder));
  }
}

function defaultOf(setting: Setting): string | undefined {
  return setting.default === undefined ? undefined : String(setting.default);
}

function shared(one: string, other: string, what: string, remedy: string): ExpectedFailure {
  return new ExpectedFailure('configuration', `Cannot use stores ${one} and ${other}: both would ${what}`, { remedy });
}
