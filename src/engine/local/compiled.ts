import { readFileSync } from 'node:fs';
import { packageFile } from '../../package-file.ts';

/** A WebAssembly module of this folder, which takes a millisecond to compile. */
export function compiled(name: 'row-kernel' | 'piece-kernel'): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(packageFile(`dist/engine/local/${name}.wasm`)));
}
