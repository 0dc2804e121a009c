import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { GetObjectCommand, type GetObjectCommandOutput, NoSuchKey } from '@aws-sdk/client-s3';
import { defaultEffects } from '#dist/default-effects.js';
import { placeOf } from '#dist/storage/s3-address.js';
import { connectionOf } from '#dist/storage/s3-client.js';
import { listTree } from '#dist/storage/s3-tree.js';

const effects = defaultEffects();

/** All files under a folder or an `s3://` prefix, as they are stored, by their names in it; temporary and hidden ones too. */
export async function storedFiles(location: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  if (!location.startsWith('s3://')) {
    for (const name of readdirSync(location, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(location, name);
      if (statSync(file).isFile()) {
        files.set(name, readFileSync(file));
      }
    }
    return files;
  }
  for await (const object of listTree(`${location}/`, effects)) {
    const found = await unlessGone(connectionOf(effects).client.send(new GetObjectCommand(placeOf(object.location))));
    if (found !== undefined) {
      files.set(
        object.location.slice(location.length + 1),
        Buffer.from((await found.Body?.transformToByteArray()) ?? []),
      );
    }
  }
  return files;
}

/** The last request of a process that was killed may be carried out behind its death: an object that was listed is gone then. */
async function unlessGone(found: Promise<GetObjectCommandOutput>): Promise<GetObjectCommandOutput | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof NoSuchKey) {
      return undefined;
    }
    throw error;
  }
}
