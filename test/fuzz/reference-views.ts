/** What a reader of views made of a file. Ids hold no TAB. */
export interface ReadViews {
  readonly views: readonly string[];
  /** `LINE: reason`. */
  readonly rejected: readonly string[];
  readonly rows: number;
}

const meaning: Readonly<Record<string, string>> = {
  0: '\0',
  b: '\b',
  t: '\t',
  n: '\n',
  r: '\r',
  Z: '\x1a',
  '\\': '\\',
};

/** Names of the columns, the best first, and of those that are guessed the ones that these tests know. */
const names = {
  path: ['path_id', 'pathid', 'sessionid'],
  product: ['product_id', 'productid', 'sku'],
} as const;

/** Where a column is among the fields of a first line: under its own name, else under one that is so without case, spaces and punctuation. */
function placeOf(column: keyof typeof names, fields: readonly string[]): number {
  const folded = fields.map((field) => field.toLowerCase().replace(/[!-/:-@[-`{-~ ]/g, ''));
  const [own, ...guessed] = names[column];
  const places = [fields.indexOf(own), ...guessed.map((name) => folded.indexOf(name))];
  return places.find((place) => place !== -1) ?? -1;
}

/**
 * Reads a TSV file of views as section 4 of the design says it, a line after the other, without a thought of speed: what the readers of the
 * product are compared with. A character here is a byte.
 *
 * @param isWhole whether the file begins with its first line, which may be a header
 */
export function referenceViews(file: Buffer, isWhole = true): ReadViews {
  const lines = file.toString('latin1').split('\n');
  if (lines.at(-1) === '') {
    lines.pop();
  }
  const [views, rejected]: [string[], string[]] = [[], []];
  let columns = { fields: 2, path: 0, product: 1 };
  let rows = 0;
  for (const [at, whole] of lines.entries()) {
    let line = whole.replace(/\r$/, '');
    if (at === 0 && isWhole) {
      line = line.replace(/^\xef\xbb\xbf/, '');
      const fields = line.split('\t');
      const [path, product] = [placeOf('path', fields), placeOf('product', fields)];
      if (path !== -1 && product !== -1) {
        columns = { fields: fields.length, path, product };
        continue;
      }
    }
    rows++;
    const fields = line.split('\t');
    const ids = [fields[columns.path] ?? '', fields[columns.product] ?? ''];
    const reason =
      line.length > 1_048_576
        ? 'line longer than 1 MiB'
        : fields.length !== columns.fields
          ? 'wrong number of fields'
          : ids.includes('\\N')
            ? 'NULL'
            : ids.map((id) => idReason(unescaped(id))).find((each) => each !== undefined);
    if (reason === undefined) {
      views.push(ids.map((id) => Buffer.from(unescaped(id), 'latin1').toString()).join('\t'));
    } else {
      rejected.push(`${at + 1}: ${reason}`);
    }
  }
  return { views, rejected, rows };
}

/** What a field stands for. */
export function unescaped(field: string): string {
  return field.replace(/\\([0btnrZ\\])/g, (_, letter: string) => meaning[letter] ?? '');
}

/** Why an id, its escapes resolved, cannot count. */
export function idReason(id: string): string | undefined {
  if (id === '') {
    return 'empty field';
  }
  if (id === 'NULL') {
    return 'NULL';
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(id, 'latin1'));
  } catch {
    return 'invalid UTF-8';
  }
  if (/[\0-\x1f\x7f]/.test(text)) {
    return 'control character';
  }
  return [...text].length > 255 ? 'id longer than 255 characters' : undefined;
}
