import { Writable } from 'node:stream';
import type { Effects } from '../effects.ts';
import { ClosedPipe, errorCode } from '../failure.ts';
import type { Storage } from './storage.ts';

/** Standard input and output as a storage with the one name `-`. */
export function standard(effects: Effects): Storage {
  return {
    open: async () => effects.stdin,
    create: async () => ({ stream: beside(effects.stdout), commit: async () => {}, abort: async () => {} }),
    list: async () => ['-'],
    listFolders: async () => [],
    makeFolder: async () => {},
    remove: async () => {},
  };
}

/** A stream that may be ended and destroyed while standard output itself stays open, as it must for whoever writes after us. */
function beside(stdout: Writable): Writable {
  return new Writable({
    highWaterMark: 1 << 16,
    write(chunk, _encoding, callback) {
      stdout.write(chunk, (error) => callback(error && errorCode(error) === 'EPIPE' ? new ClosedPipe() : error));
    },
  });
}
