import type { FormatNumber } from '../report/format-rows.ts';

/** How messages write counts: with thousands separators where a person reads them. What knows these is loaded there only. */
export async function messageNumber(): Promise<FormatNumber> {
  return process.stderr.isTTY ? (await import('../report/format-rows.ts')).numbersFor(true) : String;
}
