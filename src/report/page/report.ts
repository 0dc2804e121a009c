import { defaultEffects } from '../../default-effects.ts';
import type { Effects } from '../../effects.ts';
import { type Artefact, writeFile } from '../../storage/output.ts';
import { gather, type ReportOptions } from './gather.ts';
import { page } from './page.ts';

/**
 * Writes one self-contained HTML page about relations and the views that they come from: it loads nothing, opens from a disk, and stays
 * below 1.5 MB: of a large shop it has the first targets of each list, of one that is larger still the products in most paths.
 *
 * @returns the page's file
 * @throws ExpectedFailure when there is no such run, a file cannot be read, or the page cannot be written, and `usage` when it would replace
 *   a file that it is about
 */
export async function report(options: ReportOptions, given: Partial<Effects> = {}): Promise<Artefact> {
  const effects = defaultEffects(given);
  const shop = await gather(options, effects);
  const bytes = Buffer.from(await page(shop, effects));
  const { artefact } = await writeFile(shop.out, effects, (output) => output.write(bytes, countLines(bytes)));
  return artefact;
}

function countLines(bytes: Buffer): number {
  return bytes.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 0);
}
