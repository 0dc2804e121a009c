import { Writable } from 'node:stream';
import type { Effects } from '../effects.ts';
import { ExpectedFailure } from '../failure.ts';
import type { Storage } from './storage.ts';

/** Standard input and output as a storage with the one name `-`. */
export function standard(effects: Effects): Storage {
  return {
    open: async () => {
      if (effects.stdin.destroyed || effects.stdin.readableDidRead) {
        throw new ExpectedFailure('usage', 'Cannot read standard input twice: its first reader took all of it', {
          remedy: 'Name - once, and a file instead of the other.',
        });
      }
      return effects.stdin;
    },
    create: async () => ({ stream: beside(effects.stdout), commit: async () => {}, abort: async () => {} }),
    // Nothing written to it before can be seen.
    writeIfAbsent: async (_location, content) => {
      await new Promise<void>((resolve, reject) => {
        effects.stdout.write(content, (error) => (error ? reject(error) : resolve()));
      });
      return true;
    },
    readVersion: async () => undefined,
    replaceIf: async () => undefined,
    removeIf: async () => false,
    standsInFolder: async () => false,
    list: async () => ['-'],
    listFolders: async () => [],
    makeFolder: async () => {},
    listUnfinished: async () => [],
    removeUnfinished: async () => {},
    room: async () => undefined,
    remove: async () => {},
    removeFolder: async () => {},
  };
}

/** A stream that may be ended and destroyed while `stream` itself stays open, as standard output must for whoever writes after us. */
export function beside(stream: Writable): Writable {
  return new Writable({
    highWaterMark: 1 << 16,
    write(chunk, _encoding, callback) {
      stream.write(chunk, callback);
    },
  });
}
