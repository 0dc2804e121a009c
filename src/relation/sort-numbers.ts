/** Runs of this length are sorted by insertion before they are merged. */
const runLength = 8;

/**
 * Sorts numbers in place by a comparison of their own. `TypedArray.sort` with a comparison works on copies of 16 bytes a number, which the
 * garbage collector then has; this takes none.
 *
 * @param scratch at least as long; what is in it is lost
 */
export function sortNumbers(
  numbers: Uint32Array,
  scratch: Uint32Array,
  compare: (a: number, b: number) => number,
): void {
  const { length } = numbers;
  for (let start = 0; start < length; start += runLength) {
    insertionSort(numbers, start, Math.min(length, start + runLength), compare);
  }
  for (let width = runLength; width < length; width *= 2) {
    for (let start = 0; start + width < length; start += 2 * width) {
      merge(numbers, start, start + width, Math.min(length, start + 2 * width), scratch, compare);
    }
  }
}

function insertionSort(
  numbers: Uint32Array,
  start: number,
  end: number,
  compare: (a: number, b: number) => number,
): void {
  for (let next = start + 1; next < end; next++) {
    const number = numbers[next]!;
    let at = next;
    for (; at > start && compare(numbers[at - 1]!, number) > 0; at--) {
      numbers[at] = numbers[at - 1]!;
    }
    numbers[at] = number;
  }
}

/** Merges `numbers[start, middle)` and `numbers[middle, end)`. */
function merge(
  numbers: Uint32Array,
  start: number,
  middle: number,
  end: number,
  scratch: Uint32Array,
  compare: (a: number, b: number) => number,
): void {
  if (compare(numbers[middle - 1]!, numbers[middle]!) <= 0) {
    return;
  }
  const left = middle - start;
  scratch.set(numbers.subarray(start, middle));
  let from = 0;
  let right = middle;
  for (let at = start; from < left; at++) {
    numbers[at] = right < end && compare(numbers[right]!, scratch[from]!) < 0 ? numbers[right++]! : scratch[from++]!;
  }
}
