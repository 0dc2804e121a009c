import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Stands in the password or the secret key of every server that tests use: nothing that a command says or writes may hold it. */
export const secretMark = 'MarkedSecret';

/** @throws when the mark is in `text` */
export function expectNoSecret(text: string, where: string): void {
  if (text.includes(secretMark)) {
    throw new Error(`A secret is in ${where}:\n${text.replaceAll(secretMark, `>>>${secretMark}<<<`).slice(0, 10_000)}`);
  }
}

/** What a job leaves for people and programs to read; tables are looked at by the tests of them. */
const left = /\/runs\/|\.(html|prom|log|idx|json|rejected\.tsv)$/;
/** Longer files are views and relations. */
const maxBytes = 1 << 20;

/** @throws when the mark is in a file that a job left somewhere in `folder` */
export function expectNoSecretIn(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      expectNoSecretIn(file);
    } else if (entry.isFile() && left.test(file) && statSync(file).size <= maxBytes) {
      const bytes = readFileSync(file);
      expectNoSecret(contentOf(bytes).toString('latin1'), file);
    }
  }
}

/** The bytes of a file without their gzip, if that is what they are. */
export function contentOf(bytes: Buffer): Buffer {
  try {
    return bytes.readUInt16BE(0) === 0x1f8b ? gunzipSync(bytes) : bytes;
  } catch {
    // Tests damage files, too.
    return bytes;
  }
}
