import { createHash, type Hash } from 'node:crypto';
import type { Effects } from '../../effects.ts';
import type { Target } from '../../importer/import-relations.ts';
import type { ScoreName } from '../../relation/scores.ts';
import { readBytes } from '../../storage/input.ts';
import { parseRelations } from '../../tsv/relation-rows.ts';
import { withProgress } from '../../with-progress.ts';
import type { ViewedPaths } from '../viewed-paths.ts';
import { RelationLists } from './relation-lists.ts';

/**
 * Reads the relations of a file or a table, once.
 *
 * @param score what orders the lists
 * @param viewed what a score that is not the weight is computed from
 * @throws ExpectedFailure when they cannot be read or are no relations, and when a score does not fit the views
 */
export async function readRelationLists(
  from: Target,
  score: ScoreName,
  viewed: ViewedPaths | undefined,
  effects: Effects,
): Promise<RelationLists> {
  const stage = 'Reading the relations';
  if (from.kind === 'table') {
    const { readTableRows } = await import('../../importer/read-table-rows.ts');
    const lists = new RelationLists(from.table.table, score, viewed, effects);
    await readTableRows(from.table, effects, (rows) => lists.pushAll(withProgress(rows, stage, 'relations', effects)));
    return lists;
  }
  const { location } = from;
  const lists = new RelationLists(location, score, viewed, effects);
  const hash = createHash('sha256');
  const rows = parseRelations(location, digested(readBytes(location, effects), hash), false);
  await lists.pushAll(withProgress(rows, stage, 'relations', effects));
  lists.sha256 = hash.digest('hex');
  return lists;
}

async function* digested(chunks: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
