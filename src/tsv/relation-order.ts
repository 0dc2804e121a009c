/**
 * By the bytes of their UTF-8, which is the order of code points. JavaScript's `<` compares UTF-16 units and takes characters beyond
 * U+FFFF, which begin with a surrogate (U+D800 to U+DFFF), for smaller than U+E000 to U+FFFF.
 */
export function compareTextIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) {
      const leftSurrogate = (left & 0xf800) === 0xd800;
      const rightSurrogate = (right & 0xf800) === 0xd800;
      return leftSurrogate === rightSurrogate ? left - right : leftSurrogate ? 1 : -1;
    }
  }
  return a.length - b.length;
}

/** By value, for canonical unsigned integers of any size. */
export function compareIntegerIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

const largest = String(2n ** 64n - 1n);

/** Whether an id is an unsigned integer below 2^64 as it is usually written: digits only, no leading zero. */
export function isIntegerId(id: string): boolean {
  return /^(?:0|[1-9]\d{0,19})$/.test(id) && (id.length < largest.length || id <= largest);
}
