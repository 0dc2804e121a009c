import type { FormatNumber } from '../report/format-rows.ts';

/** How messages write counts: with thousands separators where a person reads them. What knows these takes time to make, which most commands need not. */
export function messageNumber(): FormatNumber {
  let format: Intl.NumberFormat | undefined;
  const separated: FormatNumber = (count) => {
    format ??= new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
    return format.format(count);
  };
  return process.stderr.isTTY ? separated : String;
}
