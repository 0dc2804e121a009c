import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Effects } from '../../effects.ts';
import { ExpectedFailure, fileFailure } from '../../failure.ts';
import { readWhole } from '../../storage/input.ts';
import { writeFile } from '../../storage/output.ts';
import { removeTree, sizeOf } from '../../storage/s3-tree.ts';
import { inFolder, storageOf } from '../../storage/storage.ts';
import { plainName } from '../cluster/plain-name.ts';

/** Names of the reports of steps, behind those of their scripts. */
const reportEnd = '.report.gz';

/**
 * The place on S3 through which this machine and a cluster pass files: `PREFIX/jobs/SHA256/NAME` for what every run needs, once for all of them,
 * and `PREFIX/runs/RUN/` for what one run needs.
 */
export class Staging {
  readonly run: string;
  readonly #prefix: string;
  readonly #effects: Effects;

  /** @param prefix an `s3://` prefix that ends with a slash */
  constructor(prefix: string, run: string, effects: Effects) {
    this.#prefix = prefix;
    this.run = inFolder(prefix, 'runs', run);
    this.#effects = effects;
  }

  /** Makes the run's place ready: removes what killed runs left of uploads. */
  async prepare(): Promise<void> {
    const runs = inFolder(this.#prefix, 'runs');
    await (await storageOf(runs, this.#effects)).removeUnfinished(runs, false);
  }

  /** Puts a small file that does not change under its digest, unless it is there: its address. */
  async share(file: string): Promise<string> {
    const { sha256, bytes } = await digestOf(file, this.#effects);
    const location = inFolder(this.#prefix, 'jobs', sha256, path.basename(file));
    if ((await sizeOf(location, this.#effects)) !== bytes) {
      await (await storageOf(location, this.#effects)).writeIfAbsent(location, await readFile(file));
    }
    return location;
  }

  /** Uploads a file of views, if it is not there yet: its address. Its name keeps the end, which says how it is packed. */
  async uploadViews(file: string): Promise<string> {
    const { sha256, bytes } = await digestOf(file, this.#effects);
    const location = inFolder(this.run, 'views', `${sha256.slice(0, 16)}-${plainName(file)}`);
    if ((await sizeOf(location, this.#effects)) !== bytes) {
      this.#effects.log.info(`EMR: uploading ${file} to ${location}`, { bytes });
      await this.#upload(file, location);
    }
    return location;
  }

  /** Writes a small file of the run: its address. */
  async write(name: string, text: string): Promise<string> {
    const location = inFolder(this.run, name);
    await writeFile(location, this.#effects, (output) => output.write(Buffer.from(text), 0));
    return location;
  }

  /** The text of a small file of the run (inflated when its name ends in `.gz`), or `undefined` when there is none. */
  async read(name: string): Promise<string | undefined> {
    return await readIfThere(inFolder(this.run, name), this.#effects);
  }

  /** Removes what a phase of the run wrote. */
  async removeOutput(phase: string): Promise<void> {
    await removeTree(inFolder(this.run, phase, ''), this.#effects);
  }

  /** Removes all that the run has but, of a run that failed, the reports of its steps, which are small and say why. */
  async remove(keepReports: boolean): Promise<void> {
    await removeTree(inFolder(this.run, ''), this.#effects, (key) => !keepReports || !key.endsWith(reportEnd));
  }

  async #upload(file: string, location: string): Promise<void> {
    const storage = await storageOf(location, this.#effects);
    // Bytes as they are: a packed file stays packed, an unpacked one can be split.
    const pending = await storage.create(location);
    try {
      await pipeline(createReadStream(file), pending.stream, { signal: this.#effects.signal });
      await pending.commit();
    } catch (error) {
      await pending.abort();
      this.#effects.signal.throwIfAborted();
      throw fileFailure('read', file, error);
    }
  }
}

/** The address of the report that the step with this script leaves. */
export function reportBeside(script: string): string {
  return script.replace(/\.sh$/, reportEnd);
}

/** The text of an object, or `undefined` when there is none. */
export async function readIfThere(location: string, effects: Effects): Promise<string | undefined> {
  try {
    return (await readWhole(location, effects)).toString('utf8');
  } catch (error) {
    if (error instanceof ExpectedFailure && error.kind === 'noInput') {
      return undefined;
    }
    throw error;
  }
}

async function digestOf(file: string, effects: Effects): Promise<{ sha256: string; bytes: number }> {
  try {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash, { signal: effects.signal });
    return { sha256: hash.digest('hex'), bytes: (await stat(file)).size };
  } catch (error) {
    effects.signal.throwIfAborted();
    throw fileFailure('read', file, error);
  }
}
