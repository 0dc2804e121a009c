import { readdirSync } from 'node:fs';
import type { RowDataPacket } from 'mysql2/promise';
import { expect } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { ExpectedFailure } from '#dist/failure.js';
import { readWhole } from '#dist/storage/input.js';
import { writeFile } from '#dist/storage/output.js';
import { inFolder } from '#dist/storage/storage.js';
import { bruteForce, relationLines } from '../brute-force.ts';
import type { OwnSchema } from '../mysql/own-schema.ts';
import { storedFiles } from './stored-files.ts';

export type Views = readonly (readonly [path: string, product: string])[];

/** Where a job reads and writes; its views change from night to night. */
export interface Shop {
  /** `--source`, `--target` and `--work`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly work: string;
  readonly setViews: (views: Views) => Promise<void>;
  /** What it has published, as a relations file. */
  readonly published: () => Promise<string>;
  /** Makes sure that a reader finds nothing mixed: each list, and a file as a whole, is what it is in one of these relations files. */
  readonly expectNothingMixed: (states: readonly string[]) => Promise<void>;
  /** Temporary files or tables beside what it has published. */
  readonly leftovers: () => Promise<readonly string[]>;
}

const effects = defaultEffects();

/** Views of night 0 or 1. They share half of their paths, and most lists differ: some 15,000 relations of 160 products. */
export function viewsOfNight(night: number, next: () => number): Views {
  return Array.from({ length: 300 }, (_, at): [string, string][] => {
    const path = at < 150 ? at : at + 150 * night;
    return Array.from({ length: 12 }, () => [`${path}`, `${1 + Math.floor(next() ** 2 * 160)}`]);
  }).flat();
}

/** A shop whose views and relations are files of a folder or of an `s3://` prefix. */
export function shopOfFiles(folder: string, env: Readonly<Record<string, string>>): Shop {
  const [views, relations] = [inFolder(folder, 'views.tsv'), inFolder(folder, 'relations.tsv')];
  const work = inFolder(folder, 'work');
  const published = async (): Promise<string> => {
    try {
      return (await readWhole(relations, effects)).toString();
    } catch (error) {
      if (error instanceof ExpectedFailure && error.kind === 'noInput') {
        return '';
      }
      throw error;
    }
  };
  return {
    args: ['--source', views, '--target', relations, '--work', work],
    env,
    work,
    setViews: async (rows) => {
      const text = Buffer.from(rows.map((row) => `${row.join('\t')}\n`).join(''));
      await writeFile(views, effects, (output) => output.write(text, rows.length));
    },
    published,
    expectNothingMixed: async (states) => {
      expect(states.includes(await published())).toBe(true);
    },
    leftovers: async () =>
      folder.startsWith('s3://')
        ? [...(await storedFiles(folder)).keys()].filter((name) => !/^(views\.tsv|relations\.tsv|work\/.*)$/.test(name))
        : readdirSync(folder).filter((name) => name[0] === '.'),
  };
}

/** A shop whose views and relations are tables of a schema, made anew. */
export async function shopOfTables(
  schema: Pick<OwnSchema, 'root' | 'address' | 'password'>,
  work: string,
  env: Readonly<Record<string, string>>,
): Promise<Shop> {
  await schema.root.query('DROP TABLE IF EXISTS recent_items, related_products, related_products_runs');
  await schema.root.query(
    'CREATE TABLE recent_items (path_id INT UNSIGNED NOT NULL, product_id INT UNSIGNED NOT NULL, KEY (path_id))',
  );
  const { user, host, port, database } = schema.address();
  const uri = `mysql://${user}@${host}:${port}/${database}`;
  const published = async (): Promise<string> => {
    const [tables] = await schema.root.query<RowDataPacket[]>("SHOW TABLES LIKE 'related\\_products'");
    if (tables.length === 0) {
      return '';
    }
    const [rows] = await schema.root.query<RowDataPacket[]>(
      'SELECT source_product_id s, target_product_id t, weight w FROM related_products ORDER BY 1, 2',
    );
    return relationLines(rows.map((row) => [String(row['s']), String(row['t']), Number(row['w'])]));
  };
  return {
    args: ['--source', uri, '--target', uri, '--work', work],
    env: { ...env, ALSO_VIEWED_SOURCE_PASSWORD: schema.password, ALSO_VIEWED_TARGET_PASSWORD: schema.password },
    work,
    setViews: async (rows) => {
      await schema.root.query('START TRANSACTION');
      await schema.root.query('DELETE FROM recent_items');
      await schema.root.query('INSERT INTO recent_items VALUES ?', [rows]);
      await schema.root.query('COMMIT');
    },
    published,
    expectNothingMixed: async (states) => {
      const allowed = states.map(listsOf);
      const mixed = [...listsOf(await published())].filter(([source, list]) =>
        allowed.every((lists) => lists.get(source) !== list),
      );
      expect(mixed).toEqual([]);
    },
    leftovers: async () => {
      const [tables] = await schema.root.query<RowDataPacket[]>('SHOW TABLES');
      const ours = ['recent_items', 'related_products', 'related_products_runs'];
      return tables.flatMap((row) => Object.values(row)).filter((name) => !ours.includes(name));
    },
  };
}

/** The relations of these views, recounted. */
export function recounted(views: Views): string {
  return relationLines(bruteForce(views));
}

/** The lines of each source. */
function listsOf(relations: string): Map<string, string> {
  const lists = new Map<string, string>();
  for (const line of relations.trimEnd().split('\n')) {
    const source = line.slice(0, line.indexOf('\t'));
    lists.set(source, `${lists.get(source) ?? ''}${line}\n`);
  }
  return lists;
}
