/** Arrays of 32-bit numbers at addresses of the memory. */
export const uint32Shift: usize = 2;

export function uint32(array: usize, index: u32): u32 {
  return load<u32>(array + ((<usize>index) << uint32Shift));
}

export function setUint32(array: usize, index: u32, value: u32): void {
  store<u32>(array + ((<usize>index) << uint32Shift), value);
}

/** Adds one to a number of an array. @returns what it was */
export function increment(array: usize, index: u32): u32 {
  const count = uint32(array, index);
  setUint32(array, index, count + 1);
  return count;
}

/** Turns counts into starts. */
export function addUpCounts(counts: usize, length: u32): void {
  const end = counts + ((<usize>length) << uint32Shift);
  let sum: u32 = 0;
  for (let at = counts; at < end; at += 4) {
    const count = load<u32>(at);
    store<u32>(at, sum);
    sum += count;
  }
}
