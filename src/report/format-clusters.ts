import type { OwnCluster } from '../engine/emr/list-clusters.ts';
import { type FormatNumber, formatRows, plainTable } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

const columns = ['cluster', 'state', 'run', 'created', 'normalized_instance_hours'];

/** Clusters as text. */
export async function formatClusters(
  clusters: readonly OwnCluster[],
  format: ListFormat,
  number: FormatNumber,
): Promise<string> {
  switch (format) {
    case 'table':
      return await plainTable(
        columns,
        ['left', 'left', 'left', 'left', 'right'],
        clusters.map((each) => rowOf(each, number)),
      );
    case 'tsv':
    case 'csv':
      return await formatRows(
        columns,
        clusters.map((each) => rowOf(each, String)),
        format,
      );
    case 'jsonl':
      return clusters.map((cluster) => `${JSON.stringify(cluster)}\n`).join('');
  }
}

function rowOf({ id, state, run, created, normalizedInstanceHours }: OwnCluster, number: FormatNumber): string[] {
  return [id, state, run, created.toISOString(), number(normalizedInstanceHours)];
}
