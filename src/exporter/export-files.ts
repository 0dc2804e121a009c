import type { Effects } from '../effects.ts';
import { type Artefact, writeFile } from '../storage/output.ts';
import { escapeBytes } from '../tsv/escapes.ts';
import { readViews, type ViewSource } from '../tsv/read-views.ts';
import type { RejectedRows } from '../tsv/rejected-rows.ts';
import type { ViewSink } from '../tsv/view-sink.ts';

/** Figures of an export from files. */
export interface ExportedFiles {
  readonly artefact: Artefact;
  /** Rows read, rejected ones included. */
  readonly read: number;
  /** Rows written. */
  readonly rows: number;
}

const tab = Buffer.from('\t');
const lineEnd = Buffer.from('\n');

/**
 * Copies the views of files to one TSV with a header: what a run keeps of its input, so that it can be done again. Rejected rows are left
 * out and recorded with their place in the files.
 *
 * @throws ExpectedFailure when a file cannot be read or too many rows are rejected; nothing is left at `out` then
 */
export async function exportFiles(
  source: ViewSource,
  out: string,
  rejected: RejectedRows,
  effects: Effects,
): Promise<ExportedFiles> {
  let parts: Uint8Array[] = [];
  let waiting = 0;
  let done = 0;
  const progress = (total?: number): void => effects.progress({ stage: 'Exporting', done, total, unit: 'views' });
  const sink: Pick<ViewSink, 'view'> = {
    view: (bytes, pathStart, pathEnd, productStart, productEnd) => {
      const path = escapeBytes(bytes.subarray(pathStart, pathEnd));
      parts.push(path, tab, escapeBytes(bytes.subarray(productStart, productEnd)), lineEnd);
      waiting++;
    },
  };
  const { artefact, result } = await writeFile(out, effects, async (output) => {
    await output.write(Buffer.from(`${source.columns.path}\t${source.columns.product}\n`), 1);
    const { rows } = await readViews(source, sink, rejected, effects, async () => {
      const chunk = Buffer.concat(parts);
      const lines = waiting;
      parts = [];
      waiting = 0;
      await output.write(chunk, lines);
      done += lines;
      progress();
    });
    progress(done);
    rejected.throwIfTooMany(source.locations.join(', '), rows);
    return rows;
  });
  return { artefact, read: result, rows: artefact.lines - 1 };
}
