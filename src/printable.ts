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
