import { defaultEffects } from '../../default-effects.ts';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure } from '../../failure.ts';
import { type Artefact, writeFile } from '../../storage/output.ts';
import { outputAmong } from '../../storage/output-among.ts';
import { inFolder } from '../../storage/storage.ts';
import { listViews } from '../../tsv/list-views.ts';
import { gather, type ReportSubject, type ShopReport } from './gather.ts';
import { page } from './page.ts';

export interface ReportOptions extends ReportSubject {
  /** Where the page goes; default: `report.html` in the folder of the run, or in the current one for a relations file. */
  readonly out?: string | undefined;
}

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
  const { run } = shop.found;
  const out = options.out ?? (run === undefined ? 'report.html' : inFolder(run.folder, 'report.html'));
  await refuseWhatIsRead(out, options, shop, effects);
  const bytes = Buffer.from(await page(shop, effects));
  const { artefact } = await writeFile(out, effects, (output) => output.write(bytes, countLines(bytes)));
  return artefact;
}

/** @throws ExpectedFailure when the page would replace what it is made from */
async function refuseWhatIsRead(
  out: string,
  { against }: ReportOptions,
  { relations, namesLocation, found }: ShopReport,
  effects: Effects,
): Promise<void> {
  const files = [
    relations.kind === 'file' ? relations.location : undefined,
    against?.side.kind === 'file' ? against.side.location : undefined,
    namesLocation,
    ...(found.views === undefined ? [] : await listViews(found.views.locations, [], effects)),
  ].filter((file) => file !== undefined);
  if ((await outputAmong(files, [out], effects)) !== undefined) {
    throw new ExpectedFailure('usage', `Cannot write the page to ${out}: it is made from what is there`, {
      remedy: 'Name another file with --out.',
    });
  }
}

function countLines(bytes: Buffer): number {
  return bytes.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 0);
}
