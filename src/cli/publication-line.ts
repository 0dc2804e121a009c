import { messageNumber } from './message-number.ts';

/** What a publication did, in a sentence. */
export async function publicationLine(figures: {
  readonly relations: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}): Promise<string> {
  const { relations, added, changed, removed } = figures;
  const number = await messageNumber();
  return added + changed + removed === 0
    ? `Nothing changed: the target holds these ${number(relations)} relations already`
    : `Published ${number(relations)} relations: ${number(added)} added, ${number(changed)} changed, ${number(removed)} removed`;
}
