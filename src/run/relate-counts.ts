import * as v from 'valibot';
import { ExpectedFailure } from '../failure.ts';
import type { Manifest } from './manifest.ts';

const schema = v.object({
  rows: v.number(),
  rejected: v.number(),
  views: v.number(),
  paths: v.number(),
  products: v.number(),
  weight: v.number(),
  relations: v.number(),
  sources: v.number(),
  order: v.picklist(['integer', 'text']),
  leftOutPaths: v.number(),
  leftOutPairs: v.number(),
});

/** What the relate stage of a run counted. */
export type RelateStageCounts = v.InferOutput<typeof schema>;

/** @throws ExpectedFailure when the manifest of a run does not say what its relate stage counted */
export function relateCounts({ run, stages }: Manifest): RelateStageCounts {
  const result = v.safeParse(schema, stages.find(({ name }) => name === 'relate')?.counts);
  if (!result.success) {
    throw new ExpectedFailure('badData', `Cannot use run ${run}: its manifest lacks the figures of the relate stage`);
  }
  return result.output;
}
