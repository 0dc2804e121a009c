const pageBytes = 1 << 16;
/** All that 32 bits can address, but for the last page: the kernel computes addresses behind the end of an array. */
const maxPages = (1 << 16) - 1;

/** Bytes that the memory holds: what is allocated takes whole pages. */
export const mostSharedBytes: number = pageBytes * (maxPages - 1_000);

/** The compiled kernel, and the memory that it works on in all threads. What is allocated stays for as long as the memory. */
export interface SharedKernel {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Memory of no size yet; 4 GiB at the most. */
export function sharedMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 0, maximum: maxPages, shared: true });
}

/**
 * Takes so many bytes, all zero, in whole pages; any thread may. Pages that are never touched take no memory.
 *
 * @returns their address
 * @throws RangeError when the memory is full
 */
export function allocate(memory: WebAssembly.Memory, bytes: number): number {
  return pageBytes * memory.grow(Math.ceil(bytes / pageBytes));
}

export function allocate8(memory: WebAssembly.Memory, length: number): Uint8Array {
  const at = allocate(memory, length);
  return new Uint8Array(memory.buffer, at, length);
}

export function allocate32(memory: WebAssembly.Memory, length: number): Uint32Array {
  const at = allocate(memory, 4 * length);
  return new Uint32Array(memory.buffer, at, length);
}
