import type { Effects } from '../effects.ts';
import { type Change, readChanges } from '../importer/changes.ts';
import { readBytes } from '../storage/input.ts';
import { writeFile } from '../storage/output.ts';
import { csvRows } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

const columns = ['change', 'source', 'target', 'old_weight', 'new_weight'];

/** Copies spooled changes to an output: as TSV as they are, without a header, like the changes of a run. */
export async function copyChanges(
  spool: string,
  out: string,
  format: Exclude<ListFormat, 'table'>,
  effects: Effects,
): Promise<void> {
  await writeFile(out, effects, async (output) => {
    if (format === 'tsv') {
      for await (const bytes of readBytes(spool, effects)) {
        await output.write(bytes, 0);
      }
      return;
    }
    if (format === 'csv') {
      await output.write(Buffer.from(await csvRows([columns])), 1);
    }
    for await (const changes of readChanges(spool, effects)) {
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
