/** An element with its attributes and what it holds; text becomes text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const numbers = new Intl.NumberFormat('en-US');
const percents = new Intl.NumberFormat('en-US', {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** A count with thousands separators. */
export const count = (figure: number): string => numbers.format(figure);

/** `1 path`, `2 paths`. */
export const plural = (figure: number, one: string): string => `${count(figure)} ${one}${figure === 1 ? '' : 's'}`;

/** A share from 0 to 1 in percent. */
export const percent = (share: number): string => percents.format(share);

/** Numbers with so many digits behind the point, so that they stand below each other. */
export function decimals(digits: number): (figure: number) => string {
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (figure) => format.format(figure).replace('-', '−');
}

const multiples = decimals(1);

/** How many times. */
export const times = (factor: number): string => `${multiples(factor)}×`;
