import type { Effects } from '../effects.ts';

/** Writes a text to standard output. @throws ExpectedFailure when it cannot be written */
export async function print(text: string, effects: Effects): Promise<void> {
  const { writeFile } = await import('../storage/output.ts');
  await writeFile('-', effects, (output) => output.write(Buffer.from(text), text.split('\n').length - 1));
}
