import { printable } from '../printable.ts';

/** Of a line that may be anything, so much is shown. */
const mostNames = 12;

/** The names of columns for a message. Text from data must not move the cursor. */
export function shownNames(names: readonly string[]): string {
  const all = names.slice(0, mostNames).map((name) => printable(name.slice(0, 40)));
  return [...all, ...(names.length > mostNames ? ['…'] : [])].join(', ');
}
