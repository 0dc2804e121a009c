import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { writeFile } from '../storage/output.ts';
import { withProgress } from '../with-progress.ts';

/**
 * Copies the content of `from` to `to`, inflated and packed as their names say.
 *
 * @param stage what that is for, as the progress has it
 * @param total bytes of the content, where that is known
 */
export async function copyFile(
  from: string,
  to: string,
  stage: string,
  effects: Effects,
  total?: number,
): Promise<void> {
  await writeFile(to, effects, async (output) => {
    for await (const chunk of withProgress(readBytes(from, effects), stage, 'bytes', effects, total)) {
      await output.write(chunk, 0);
    }
  });
}
