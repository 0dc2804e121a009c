/** Markup, as opposed to text that has yet to be escaped. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What may stand between pieces of markup: text is escaped, and nothing is left of `undefined`. */
type Value = Html | string | number | undefined | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup from a template; every text that is filled in is escaped, for elements and for quoted attributes alike. */
export function html(pieces: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(pieces.map((piece, at) => piece + markupOf(values[at])).join(''));
}

function markupOf(value: Value): string {
  if (value === undefined) {
    return '';
  }
  if (value instanceof Html) {
    return value.markup;
  }
  return typeof value === 'object'
    ? value.map(({ markup }) => markup).join('\n')
    : String(value).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
