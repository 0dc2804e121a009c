import type { Effects } from '../effects.ts';
import { type Change, type ChangeCounts, readChanges } from '../importer/changes.ts';
import { copyFile } from '../importer/copy-file.ts';
import { writeFile } from '../storage/output.ts';
import { withProgress } from '../with-progress.ts';
import { csvRows } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

const stage = 'Writing the changes';
const columns = ['change', 'source', 'target', 'old_weight', 'new_weight'];

/** Copies spooled changes, as many as were counted, to an output: as TSV as they are, without a header, like the changes of a run. */
export async function copyChanges(
  spool: string,
  { added, changed, removed }: ChangeCounts,
  out: string,
  format: Exclude<ListFormat, 'table'>,
  effects: Effects,
): Promise<void> {
  if (format === 'tsv') {
    await copyFile(spool, out, stage, effects);
    return;
  }
  await writeFile(out, effects, async (output) => {
    if (format === 'csv') {
      await output.write(Buffer.from(await csvRows([columns])), 1);
    }
    const all = readChanges(spool, effects);
    for await (const changes of withProgress(all, stage, 'relations', effects, added + changed + removed)) {
      const text =
        format === 'csv'
          ? await csvRows(changes.map(rowOf))
          : changes.map((change) => `${JSON.stringify(changeObject(change))}\n`).join('');
      await output.write(Buffer.from(text), changes.length);
    }
  });
}

function rowOf({ op, source, target, before, weight }: Change): string[] {
  return [op, source, target, op === '+' ? '' : String(before), op === '-' ? '' : String(weight)];
}

/** A change as JSON has it; the weight that is not there is `undefined`. */
export function changeObject({ op, source, target, before, weight }: Change): object {
  const oldWeight = op === '+' ? undefined : before;
  const newWeight = op === '-' ? undefined : weight;
  return { change: op, source, target, oldWeight, newWeight };
}
