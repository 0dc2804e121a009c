const counts = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A count with thousands separators. */
export const count = (figure: number): string => counts.format(figure);

/** A part of a whole in percent. Only nothing is 0 % and only all is 100 %, whatever rounding says; of nothing, all is 0 %. */
export function share(part: number, whole: number): string {
  const exact = whole === 0 ? 0 : part / whole;
  if (exact > 0 && exact < 0.0005) {
    return '< 0.1%';
  }
  return exact < 1 && exact >= 0.9995 ? '> 99.9%' : shares.format(exact);
}

/** `1 path`, `2 paths`. */
export const counted = (figure: number, one: string, many = `${one}s`): string =>
  `${count(figure)} ${figure === 1 ? one : many}`;

/** The value in the middle of numbers that need not be sorted, of two the lower one; 0 of none. */
export function median(values: Uint32Array): number {
  return values.slice().sort()[Math.ceil(values.length / 2) - 1] ?? 0;
}
