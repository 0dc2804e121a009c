/** Cuts a list into groups of as many items as fit into `room` together; an item that does not fit by itself is a group of its own. */
export function groupsWithin<T>(items: readonly T[], room: number, bytesOf: (item: T) => number): T[][] {
  const groups: T[][] = [];
  let left = 0;
  for (const item of items) {
    const needed = bytesOf(item);
    const group = groups.at(-1);
    if (group === undefined || needed > left) {
      groups.push([item]);
      left = room - needed;
    } else {
      group.push(item);
      left -= needed;
    }
  }
  return groups;
}
