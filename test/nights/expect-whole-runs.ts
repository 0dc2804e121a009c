import { createHash } from 'node:crypto';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { storedFiles } from './stored-files.ts';

/** What a run's folder may hold under a final name. */
const finalNames = [
  'manifest.json',
  'views.tsv.gz',
  'relations.tsv.gz',
  'relations.tsv.gz.idx',
  'changes.tsv.gz',
  'path-counts.tsv',
  'rejected.tsv',
];

interface Manifest {
  readonly run: string;
  readonly state: string;
  readonly stages: readonly { readonly name: string; readonly state: string }[];
  readonly error?: { readonly exitCode: number };
  readonly rollbackOf?: string;
  readonly artefacts: readonly { name: string; bytes: number; lines: number; sha256: string }[];
}

const isTemporary = (name: string): boolean => /^\..+\.tmp$/.test(path.basename(name));

/**
 * Makes sure that no file of a work folder is half written: what stands under a final name is whole, be it named by a manifest or not, and
 * what a manifest names is what it says.
 *
 * @param tidy whether there may be no temporary file and no lock either
 * @returns the manifests, the oldest first
 */
export async function expectWholeRuns(work: string, tidy: boolean): Promise<Manifest[]> {
  const files = await storedFiles(work);
  const manifests: Manifest[] = [];
  for (const [name, bytes] of files) {
    const [, folder, final = ''] = /^runs\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
    if (folder === undefined || isTemporary(name)) {
      expect(tidy ? [name] : []).toEqual([]);
      continue;
    }
    expect(finalNames).toContain(final);
    if (final.endsWith('.gz')) {
      expect(gunzipSync(bytes).toString().at(-1) ?? '\n').toBe('\n');
    }
    if (final !== 'manifest.json') {
      continue;
    }
    const manifest: Manifest = JSON.parse(bytes.toString());
    expect(manifest.run).toBe(folder);
    for (const artefact of manifest.artefacts) {
      const stored = files.get(`runs/${folder}/${artefact.name}`) ?? Buffer.alloc(0);
      const content = artefact.name.endsWith('.gz') ? gunzipSync(stored) : stored;
      expect({ ...artefact, ...described(content) }).toEqual(artefact);
    }
    manifests.push(manifest);
  }
  return manifests.sort((a, b) => (a.run < b.run ? -1 : 1));
}

function described(content: Buffer): { bytes: number; lines: number; sha256: string } {
  return {
    bytes: content.length,
    lines: content.toString('latin1').split('\n').length - 1,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
}
