import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { ExpectedFailure } from '../failure.ts';
import { kinds } from './kinds.ts';
import { nearest } from './nearest.ts';
import { parseSetting } from './parse-setting.ts';
import { fileSettings, type Mapping, mappings, type Setting, type SettingName } from './settings.ts';
import { entriesOf, textOf, YamlDocument } from './yaml-document.ts';

/** A setting of the file. */
export interface FileValue {
  /** As the command line would have it; of a setting that may be repeated, each. */
  readonly texts: readonly string[];
  /** `file:line:column` */
  readonly place: string;
}

export type FileValues = ReadonlyMap<SettingName, FileValue>;

export interface Configuration {
  /** What stands at the top of the file: it holds for every store. */
  readonly common: FileValues;
  /** What each store says itself, by its name, in the order of the file; empty when the file has no stores. */
  readonly stores: ReadonlyMap<string, FileValues>;
}

/** A store names a folder, a variable and a label: `uk`, `shop-2`. */
const storeName = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** The settings of a mapping by their names in it, and those at the top. */
const inner = (mapping: Mapping): Map<string, SettingName> =>
  new Map(fileSettings.flatMap(([name, { in: place }]) => (place?.[0] === mapping ? [[place[1], name]] : [])));
const inMapping = new Map(mappings.map((mapping) => [mapping, inner(mapping)]));
const byName = new Map(fileSettings);

/**
 * Parses a configuration file. Every value is checked, whether or not the command at hand takes it.
 *
 * @param file its name, for messages
 * @throws ExpectedFailure `configuration` with file, line and column when it is not YAML, a key is not known, misspelt or double, or a value has not its form
 */
export function parseConfiguration(file: string, text: string): Configuration {
  const document = new YamlDocument(file, text);
  const { root } = document;
  if (root === undefined) {
    return { common: new Map(), stores: new Map() };
  }
  if (!isMap(root)) {
    throw new ExpectedFailure('configuration', `Cannot use ${document.placeOf(root)}: the file is not a mapping`, {
      remedy: 'Write a setting a line, `top: 50`.',
    });
  }
  const stores = new Map<string, FileValues>();
  const common = readSettings(document, root, (node) => {
    for (const { key, name, value } of entriesOf(mapOf(document, node, 'stores'))) {
      if (!storeName.test(name)) {
        throw new ExpectedFailure('configuration', `Cannot use ${document.placeOf(key)}: ${name} cannot name a store`, {
          remedy: 'Use lower-case letters, digits and hyphens, 40 at most: uk, shop-2.',
        });
      }
      stores.set(name, readSettings(document, mapOf(document, value, `store ${name}`)));
    }
  });
  return { common, stores };
}

/** The settings of the whole file or of a store. Only the file may have `stores`. */
function readSettings(document: YamlDocument, map: YAMLMap, readStores?: (node: unknown) => void): FileValues {
  const values = new Map<SettingName, FileValue>();
  const set = (key: unknown, name: SettingName, setting: Setting, node: unknown): void => {
    const before = values.get(name);
    if (before !== undefined) {
      throw new ExpectedFailure('configuration', `Cannot use ${document.placeOf(key)}: ${name} is set twice`, {
        remedy: `It is also set in ${before.place}; keep one.`,
      });
    }
    values.set(name, { texts: textsOf(document, name, setting, node), place: document.placeOf(key) });
  };
  for (const { key, name, value } of entriesOf(map)) {
    const node = document.resolved(value);
    const mapping = mappings.find((each) => each === name);
    const named = fileSettings.find(([each]) => each === name);
    if (name === 'stores' && readStores !== undefined) {
      readStores(node);
    } else if (mapping !== undefined && (isMap(node) || named === undefined)) {
      readMapping(document, mapping, mapOf(document, node, mapping), set);
    } else if (named !== undefined) {
      set(key, ...named, node);
    } else {
      throw unknownKey(document, key, name, undefined);
    }
  }
  return values;
}

function readMapping(
  document: YamlDocument,
  mapping: Mapping,
  map: YAMLMap,
  set: (key: unknown, name: SettingName, setting: Setting, node: unknown) => void,
): void {
  for (const { key, name, value } of entriesOf(map)) {
    const setting = inMapping.get(mapping)?.get(name);
    if (setting === undefined) {
      throw unknownKey(document, key, name, mapping);
    }
    set(key, setting, byName.get(setting)!, document.resolved(value));
  }
}

function mapOf(document: YamlDocument, node: unknown, name: string): YAMLMap {
  const map = document.resolved(node);
  if (!isMap(map)) {
    throw new ExpectedFailure('configuration', `Cannot use ${document.placeOf(map)}: ${name} must be a mapping`, {
      remedy: 'Write its settings below it, indented, one a line.',
    });
  }
  return map;
}

/** The texts of a value that has the form of its setting. */
function textsOf(document: YamlDocument, name: string, setting: Setting, node: unknown): string[] {
  if (setting.kind === 'property' && isSeq(node)) {
    return node.items.map((item) => oneText(document, name, setting, document.resolved(item)));
  }
  return [oneText(document, name, setting, node)];
}

function oneText(document: YamlDocument, name: string, setting: Setting, node: unknown): string {
  const refuse = (what: string, remedy?: string): ExpectedFailure =>
    new ExpectedFailure('configuration', `Cannot use ${document.placeOf(node)}: ${name} ${what}`, { remedy });
  if (setting.kind === 'switch') {
    if (!isScalar(node) || typeof node.value !== 'boolean') {
      throw refuse('must be true or false');
    }
    return String(node.value);
  }
  const kind = kinds[setting.kind ?? 'text'];
  const text = textOf(node, !('verbatim' in kind));
  if (text === undefined || text === '') {
    throw refuse('must be a text or a number', 'Write one value behind the colon, or take the key out.');
  }
  // The command line and the environment cannot hold one, nor can a path.
  if (text.includes('\0')) {
    throw refuse('holds a NUL', 'Write it without \\0.');
  }
  parseSetting(setting, text, { place: document.placeOf(node), fault: 'configuration' }, name);
  return text;
}

function unknownKey(document: YamlDocument, key: unknown, name: string, mapping: Mapping | undefined): ExpectedFailure {
  const here = mapping === undefined ? name : `${mapping}.${name}`;
  return new ExpectedFailure('configuration', `Cannot use ${document.placeOf(key)}: ${here} is not a known setting`, {
    remedy: /password/i.test(name)
      ? 'Passwords come from ALSO_VIEWED_SOURCE_PASSWORD and ALSO_VIEWED_TARGET_PASSWORD, or the _FILE form of either.'
      : meant(name, mapping),
  });
}

/** What a key that is not known may stand for, and where that belongs. */
function meant(name: string, mapping: Mapping | undefined): string {
  const known = mapping === undefined ? ['stores', ...mappings, ...byName.keys()] : [...inMapping.get(mapping)!.keys()];
  const elsewhere = mappings.filter((each) => each !== mapping && inMapping.get(each)?.has(name));
  if (mapping !== undefined && fileSettings.some(([each]) => each === name)) {
    return 'It belongs to the top of the file, or of the store.';
  }
  if (elsewhere.length > 0) {
    return `It belongs into ${elsewhere.join(' or ')}.`;
  }
  const near = nearest(name, known);
  return near === undefined ? `Known here are ${[...new Set(known)].join(', ')}.` : `Did you mean ${near}?`;
}
