import { readFileSync } from 'node:fs';
import { packageFile } from '../../package-file.ts';
import { type SharedKernel, sharedMemory } from './shared-kernel.ts';

/** A WebAssembly module of this folder, which takes a millisecond to compile. */
export function compiled(name: 'row-kernel' | 'piece-kernel'): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(packageFile(`dist/engine/local/${name}.wasm`)));
}

/** The kernel that builds graphs and relates rows, with memory of no size yet. */
export function newKernel(): SharedKernel {
  return { module: compiled('row-kernel'), memory: sharedMemory() };
}
