import type { Effects } from '../effects.ts';
import { readBytes } from '../storage/input.ts';
import { writeFile } from '../storage/output.ts';

/** Copies the content of `from` to `to`, inflated and packed as their names say. */
export async function copyFile(from: string, to: string, effects: Effects): Promise<void> {
  await writeFile(to, effects, async (output) => {
    for await (const chunk of readBytes(from, effects)) {
      await output.write(chunk, 0);
    }
  });
}
