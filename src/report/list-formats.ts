/** How lists are printed: `table` is for people, the others for programs. */
export const listFormats = ['table', 'tsv', 'csv', 'jsonl'] as const;
export type ListFormat = (typeof listFormats)[number];
