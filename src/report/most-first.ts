/**
 * The items by a count, the largest first, of equal ones in the order in which they came: by groups, since the counts of most of very many
 * products are few and small, where comparing them all would keep the thread for seconds.
 */
export function mostFirst<T>(items: Iterable<T>, countOf: (item: T) => number): T[] {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const count = countOf(item);
    const group = groups.get(count);
    if (group === undefined) {
      groups.set(count, [item]);
    } else {
      group.push(item);
    }
  }
  return [...groups.keys()].sort((a, b) => b - a).flatMap((count) => groups.get(count) ?? []);
}
