/** What a publication did, in a sentence. */
export function publicationLine(figures: {
  readonly relations: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}): string {
  const { relations, added, changed, removed } = figures;
  return added + changed + removed === 0
    ? `Nothing changed: the target holds these ${relations} relations already`
    : `Published ${relations} relations: ${added} added, ${changed} changed, ${removed} removed`;
}
