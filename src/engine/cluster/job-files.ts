import { packageFile } from '../../package-file.ts';
import { escapeId } from '../../tsv/escapes.ts';
import { rejectReasonOf } from '../../tsv/id-rules.ts';

/** The bundled jobs, beside the compiled program. */
export const jobFiles: readonly { readonly name: string; readonly file: string }[] = [
  'pairs-mapper.mjs',
  'pairs-reducer.mjs',
  'weights-reducer.mjs',
].map((name) => ({ name, file: packageFile(`dist/jobs/${name}`) }));

/** The file of the only products that may appear as targets. An id that no product can have is left out: a line end in it would make two of it. */
export const targetsFile = {
  name: 'targets',
  content: (targets: readonly string[]): string =>
    targets
      .filter(canBeProduct)
      .map((id) => `${escapeId(id)}\n`)
      .join(''),
};

function canBeProduct(id: string): boolean {
  const bytes = Buffer.from(id);
  return rejectReasonOf(bytes, 0, bytes.length) === undefined;
}
