import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { Effects } from '../effects.ts';
import { abortAbandoned, silentMs, uploadsUnder } from './s3-abandoned.ts';
import { objectOf, type Place, placeOf } from './s3-address.ts';
import { connectionOf, type S3Connection } from './s3-client.ts';
import { openObject } from './s3-download.ts';
import { s3Failure } from './s3-failure.ts';
import { listCommonPrefixes, listPrefix } from './s3-list.ts';
import { seekObject } from './s3-seek.ts';
import { removeTree } from './s3-tree.ts';
import { createObject } from './s3-upload.ts';
import { deleteIf, getVersion, putIf } from './s3-versions.ts';
import { inFolder, type Storage } from './storage.ts';

/** Objects of S3, or of a server that speaks its protocol. */
export function s3Storage(effects: Effects): Storage {
  /** The outcome of `work`; the reason of the signal once it is aborted, whatever that broke. */
  const translated = async <T>(
    doing: 'read' | 'write',
    location: string,
    work: (connection: S3Connection, place: Place) => Promise<T>,
  ): Promise<T> => {
    const place = placeOf(location);
    try {
      return await work(connectionOf(effects), place);
    } catch (error) {
      effects.signal.throwIfAborted();
      throw s3Failure(doing, location, error);
    }
  };
  return {
    open: (location) =>
      translated('read', location, (connection, place) => openObject(connection, place, location, effects)),
    seek: (location) =>
      translated('read', location, (connection, place) => seekObject(connection, place, location, effects.signal)),
    create: (location) =>
      translated('write', location, async ({ client }, place) =>
        createObject(client, objectOf(place, location), location, effects),
      ),
    writeIfAbsent: (location, content) =>
      translated('write', location, ({ client }, place) =>
        putIf(client, objectOf(place, location), content, { IfNoneMatch: '*' }, effects.signal).then(
          (etag) => etag !== undefined,
        ),
      ),
    readVersion: (location) =>
      translated('write', location, ({ client }, place) => getVersion(client, place, effects.signal)),
    replaceIf: (location, content, version) =>
      translated('write', location, ({ client }, place) =>
        putIf(client, place, content, { IfMatch: version }, effects.signal),
      ),
    removeIf: (location, version) =>
      translated('write', location, ({ client }, place) => deleteIf(client, place, version, effects.signal)),
    standsInFolder: async (location) => {
      objectOf(placeOf(location), location);
      return true;
    },
    list: (location) =>
      translated('read', location, async ({ client }, place) =>
        place.Key !== '' && !place.Key.endsWith('/') ? [location] : await listPrefix(client, place, effects.signal),
      ),
    listFolders: (folder) =>
      translated('read', folder, async ({ client }, { Bucket, Key }) =>
        listCommonPrefixes(client, { Bucket, Key: Key.replace(/\/*$/, '/').replace(/^\/$/, '') }, effects.signal),
      ),
    // S3 has none to make.
    makeFolder: async () => {},
    listUnfinished: (folder) =>
      translated('read', folder, async ({ client }, place) => {
        const found: string[] = [];
        for await (const { Key } of uploadsUnder(client, below(place), effects.signal)) {
          found.push(`s3://${place.Bucket}/${Key}`);
        }
        return found;
      }),
    removeUnfinished: (folder, alone) =>
      translated('write', folder, async ({ client }, place) => {
        await abortAbandoned(client, below(place), () => true, effects, effects.signal, alone ? 0 : silentMs);
      }),
    room: async () => undefined,
    remove: (location) =>
      translated('write', location, async ({ client }, place) => {
        await client.send(new DeleteObjectCommand(place), { abortSignal: effects.signal });
      }),
    removeFolder: (folder) => removeTree(inFolder(folder, ''), effects),
  };
}

/** The prefix of all that lies in a folder. */
function below({ Bucket, Key }: Place): Place {
  return { Bucket, Key: Key.replace(/\/*$/, '/') };
}
