import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.ts';

/** A WebAssembly module of this package, which takes a millisecond to compile. */
export function compiled(
  name: 'engine/local/row-kernel' | 'engine/local/piece-kernel' | 'tsv/relation-kernel',
): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(packageFile(`dist/${name}.wasm`)));
}
