import { seekFile } from './local-seek.ts';

/** The bytes of a file of this machine in pieces, smaller than those of a stream: for files of which many are read side by side. */
export async function* readBlocks(location: string, blockBytes: number): AsyncGenerator<Buffer> {
  const file = await seekFile(location);
  if (file === undefined) {
    throw new Error(`${location} is no file any longer`);
  }
  try {
    for (let at = 0; at < file.size; at += blockBytes) {
      yield await file.read(at, at + blockBytes);
    }
  } finally {
    await file.close();
  }
}
