import { packageFile } from '../../package-file.ts';
import { escapeId } from '../../tsv/escapes.ts';

/** The bundled jobs, beside the compiled program. */
export const jobFiles: readonly { readonly name: string; readonly file: string }[] = [
  'pairs-mapper.mjs',
  'pairs-reducer.mjs',
  'weights-reducer.mjs',
].map((name) => ({ name, file: packageFile(`dist/jobs/${name}`) }));

/** The file of the only products that may appear as targets. */
export const targetsFile = {
  name: 'targets',
  content: (targets: readonly string[]): string => targets.map((id) => `${escapeId(id)}\n`).join(''),
};
