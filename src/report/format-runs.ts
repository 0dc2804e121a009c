import type { ListedRun } from '../run/list-runs.ts';
import { type FormatNumber, formatRows, plainTable } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

const columns = [
  'run',
  'started',
  'state',
  'published',
  'relations',
  'sources',
  'added',
  'changed',
  'removed',
  'kept',
  'rollback_of',
  'sha256',
];

/** The runs as text. */
export async function formatRuns(
  runs: readonly ListedRun[],
  format: ListFormat,
  number: FormatNumber,
): Promise<string> {
  switch (format) {
    case 'table': {
      // The digest of a run is for programs; its first digits are enough to see which runs are equal.
      const rows = runs.map((run) =>
        rowOf(run, number).map((cell, at) => (at === columns.length - 1 ? cell.slice(0, 8) : cell)),
      );
      return await plainTable(
        columns,
        columns.map((name) => (numbers.has(name) ? 'right' : 'left')),
        rows,
      );
    }
    case 'tsv':
    case 'csv':
      return await formatRows(
        columns,
        runs.map((run) => rowOf(run, String)),
        format,
      );
    case 'jsonl':
      return runs.map((run) => `${JSON.stringify(run)}\n`).join('');
  }
}

const numbers = new Set(['relations', 'sources', 'added', 'changed', 'removed']);

function rowOf(run: ListedRun, number: FormatNumber): string[] {
  const { startedAt, state, published, relations, sources, added, changed, removed, kept, rollbackOf, sha256 } = run;
  return [
    run.run,
    startedAt.toISOString(),
    state,
    published,
    relations,
    sources,
    added,
    changed,
    removed,
    kept ? 'yes' : 'no',
    rollbackOf,
    sha256,
  ].map((cell) => (typeof cell === 'number' ? number(cell) : (cell ?? '')));
}
