import { compiled } from '../../compiled.ts';
import { type SharedKernel, sharedMemory } from './shared-kernel.ts';

/** The kernel that builds graphs and relates rows, with memory of no size yet. */
export function newKernel(): SharedKernel {
  return { module: compiled('engine/local/row-kernel'), memory: sharedMemory() };
}
