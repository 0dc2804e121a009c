const units = ['', 'K', 'M', 'G', 'T'];

/** Bytes of a size as people write it: `512M`, `2G`, `65536`; K, M, G and T count in 1024s. `undefined` for any other text. */
export function byteSize(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,15})([KMGT]?)$/i.exec(text) ?? [];
  if (digits === undefined || unit === undefined) {
    return undefined;
  }
  const bytes = Number(digits) * 1024 ** units.indexOf(unit.toUpperCase());
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
