import * as v from 'valibot';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { Column } from '../mysql/columns.ts';
import { readWhole } from '../storage/input.ts';
import { writeFile } from '../storage/output.ts';
import { inFolder } from '../storage/storage.ts';

/** A file of a run's folder. Bytes, lines and digest are those of the uncompressed content. */
const artefact = v.object({ name: v.string(), bytes: v.number(), lines: v.number(), sha256: v.string() });

const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
);

const figure = v.union([v.string(), v.number(), v.boolean()]);

const stage = v.object({
  name: v.picklist(['export', 'relate', 'check', 'publish']),
  state: v.picklist(['running', 'done', 'failed']),
  startedAt: time,
  finishedAt: v.optional(time),
  counts: v.record(v.string(), figure),
});

/** The table's column of the product, from which a new target table takes its type. */
const column = v.object({
  name: v.string(),
  kind: v.picklist(['integer', 'text', 'binary', 'other']),
  type: v.string(),
  dataType: v.string(),
  unsigned: v.boolean(),
  length: v.optional(v.number()),
  collation: v.optional(v.string()),
  nullable: v.boolean(),
});

const schema = v.object({
  /** Version of the program. */
  version: v.string(),
  run: v.string(),
  state: v.picklist(['running', 'succeeded', 'failed', 'interrupted']),
  startedAt: time,
  /** When it was last resumed, if it was. */
  resumedAt: v.optional(time),
  finishedAt: v.optional(time),
  /** The run whose relations it publishes again. */
  rollbackOf: v.optional(v.string()),
  parameters: v.record(v.string(), figure),
  /** Of the source, seen from the run's folder; see `sourceFolderOf`. */
  sourceFolder: v.optional(v.string()),
  stages: v.array(stage),
  artefacts: v.array(artefact),
  product: v.optional(column),
  error: v.optional(v.object({ message: v.string(), remedy: v.optional(v.string()), exitCode: v.number() })),
});

/** What is known of a run; `manifest.json` in its folder. Times are UTC, as ISO 8601 writes them. */
export type Manifest = v.InferOutput<typeof schema>;
export type StageRecord = v.InferOutput<typeof stage>;
export type StageName = StageRecord['name'];
export type Figure = v.InferOutput<typeof figure>;

/** The only products that may be targets, where a query of `--products` gave them. */
export const catalogueName = 'catalogue.tsv';

/** How many paths each product of the relations is in: `product TAB paths`. Only the local engine has it at hand. */
export const pathCountsName = 'path-counts.tsv';

/** The product column of the run's source, if that was a table. */
export function productOf({ product }: Manifest): Column | undefined {
  return product && { ...product, length: product.length, collation: product.collation };
}

/** Writes the manifest of a run; a reader sees the old one or the new one. */
export async function writeManifest(folder: string, manifest: Manifest, effects: Effects): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(inFolder(folder, 'manifest.json'), effects, (output) => output.write(text, 1));
}

/** @throws ExpectedFailure when there is no manifest or it is damaged */
export async function readManifest(folder: string, effects: Effects): Promise<Manifest> {
  const location = inFolder(folder, 'manifest.json');
  const bytes = await readWhole(location, effects);
  try {
    return v.parse(schema, JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    throw new ExpectedFailure('badData', `Cannot read ${location}: it is not the manifest of a run`, { cause: error });
  }
}
