const counts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat('en-US', { style: 'percent', maximumSignificantDigits: 3 });

/** A count with thousands separators. */
export const count = (figure: number): string => counts.format(figure);

/** A part of a whole in percent; nothing is no part of nothing. */
export const share = (part: number, whole: number): string => shares.format(whole === 0 ? 0 : part / whole);

/** `1 path`, `2 paths`. */
export const counted = (figure: number, one: string, many = `${one}s`): string =>
  `${count(figure)} ${figure === 1 ? one : many}`;

/** The value in the middle of numbers that need not be sorted, of two the lower one; 0 of none. */
export function median(values: Uint32Array): number {
  return values.slice().sort()[Math.ceil(values.length / 2) - 1] ?? 0;
}
