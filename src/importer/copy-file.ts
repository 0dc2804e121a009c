import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { writeFile } from '../storage/output.ts';
import { withProgress } from '../with-progress.ts';

/**
 * Copies the content of `from` to `to`, inflated and packed as their names say.
 *
 * @param stage what that is for, as the progress has it
 */
export async function copyFile(from: string, to: string, stage: string, effects: Effects): Promise<void> {
  await writeContent(readBytes(from, effects), to, stage, effects, undefined);
}

/**
 * The same for content that is at hand.
 *
 * @param total its bytes, where they are known
 */
export async function writeContent(
  chunks: AsyncIterable<Buffer>,
  to: string,
  stage: string,
  effects: Effects,
  total: number | undefined,
): Promise<void> {
  await writeFile(to, effects, async (output) => {
    for await (const chunk of withProgress(chunks, stage, 'bytes', effects, total)) {
      await output.write(chunk, 0);
    }
  });
}
