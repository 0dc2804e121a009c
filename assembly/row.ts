import { uint32Shift } from './uint32';

/** A row when it is complete. */
export let targets: usize = 0;
export let weights: usize = 0;

/** @returns where they end */
export function useRow(products: u32, at: usize): usize {
  targets = at;
  weights = targets + padded(products);
  return weights + padded(products);
}

export function targetsAt(): usize {
  return targets;
}

export function weightsAt(): usize {
  return weights;
}

/** Bytes of so many numbers, in whole sixteens: they are read four at a time. */
export function padded(numbers: u32): usize {
  return (((<usize>numbers) << uint32Shift) + 15) & ~15;
}
