export const firstBufferBytes: number = 1 << 21;

/** The size of a buffer for so many bytes. There are few sizes, because the C library's allocator keeps the gaps between others. */
export function wholeBuffer(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, firstBufferBytes)));
}
