/** A text, or so many of its characters, the first, where it has more. */
export function cutText(text: string, longest: number): string {
  // No text has more characters than units.
  const characters = text.length > longest ? [...text] : [];
  return characters.length > longest ? `${characters.slice(0, longest).join('')}…` : text;
}
