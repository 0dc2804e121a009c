/** The blocks of Unicode for scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Whether a terminal may write a part of a text from right to left, and with it the figures that stand beside it. */
export function hasRightToLeft(text: string): boolean {
  return rightToLeft.test(text);
}

/** Not seen: what stands at its two sides is in the order of the line, whatever script it is in. */
export const leftToRightMark = '\u200e';

/** The id of a product and its name, if it has one, as a line for a terminal may begin with them. */
export function titleOf({ product, name }: { readonly product: string; readonly name: string | undefined }): string {
  // No mark at the id, which is there to be copied.
  const mark = hasRightToLeft(name ?? '') ? leftToRightMark : '';
  return name === undefined ? printable(product) : `${printable(product)} ${mark}${printable(name)}${mark}`;
}

/** What a terminal obeys or shows nothing of: controls, directions (U+202E), zero-width characters, ends of lines that are no line feed. */
const unseen = String.raw`\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}`;

/** Scripts in which a word is spelled with joiners (U+200C, U+200D). */
const joining = ['Arab', 'Beng', 'Deva', 'Gujr', 'Guru', 'Khmr', 'Knda', 'Mlym', 'Orya', 'Sinh', 'Taml', 'Telu']
  .map((script) => String.raw`\p{scx=${script}}`)
  .join('');

/** Made for the first text that may need it: that takes as long as to load a module. */
let isUnseen: RegExp | undefined;

/**
 * Text from data as a terminal may have it: characters that would move the cursor, turn the line round, or make two ids look like one are
 * written as `\u{202e}`. Those that an emoji or a word is spelled with stay.
 */
export function printable(text: string): string {
  if (/^[ -~]*$/.test(text)) {
    return text;
  }
  isUnseen ??= new RegExp(`[${unseen}]`, 'u');
  if (!isUnseen.test(text)) {
    return text;
  }
  const parts = new RegExp(String.raw`(\p{RGI_Emoji}|(?<=[${joining}])[\u200c\u200d])|[${unseen}]`, 'gv');
  return text.replace(parts, (part: string, meant?: string) => meant ?? `\\u{${part.codePointAt(0)?.toString(16)}}`);
}
