import type { Effects } from '../effects.ts';

/** What a publication did, in a sentence. */
export function publicationLine(
  figures: { readonly relations: number; readonly added: number; readonly changed: number; readonly removed: number },
  { number }: Effects,
): string {
  const { relations, added, changed, removed } = figures;
  return added + changed + removed === 0
    ? `Nothing changed: the target holds these ${number(relations)} relations already`
    : `Published ${number(relations)} relations: ${number(added)} added, ${number(changed)} changed, ${number(removed)} removed`;
}
