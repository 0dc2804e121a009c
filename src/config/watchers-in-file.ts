import { isMap, parseDocument } from 'yaml';
import { mostCharacters } from './yaml-document.ts';

const names = ['metrics', 'ping', 'on-failure'] as const;

/** Who is told how a run goes, as it is written. */
export type Watchers = ReadonlyMap<(typeof names)[number], string>;

/**
 * Who is told how a run goes, by a configuration file that cannot be used: as far as it can be read, whatever else is wrong in it. Nothing is
 * checked.
 */
export function watchersInFile(text: string): {
  readonly common: Watchers;
  /** By the name of the store. */
  readonly stores: ReadonlyMap<string, Watchers>;
} {
  const root = text.length > mostCharacters ? null : parseDocument(text, { logLevel: 'silent' }).contents;
  const stores = isMap(root) ? root.get('stores') : undefined;
  return {
    common: watchersIn(root),
    stores: new Map(isMap(stores) ? stores.items.map(({ key, value }) => [String(key), watchersIn(value)]) : []),
  };
}

function watchersIn(node: unknown): Watchers {
  return new Map(
    names.flatMap((name) => {
      const value = isMap(node) ? node.get(name) : undefined;
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
}
