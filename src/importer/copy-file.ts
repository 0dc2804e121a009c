import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { writeFile } from '../storage/output.ts';

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
  const progress = (done: number, all: number | undefined): void =>
    effects.progress({ stage, done, total: all, unit: 'bytes' });
  await writeFile(to, effects, async (output) => {
    let done = 0;
    for await (const chunk of readBytes(from, effects)) {
      await output.write(chunk, 0);
      done += chunk.length;
      progress(done, total);
    }
    progress(done, done);
  });
}
