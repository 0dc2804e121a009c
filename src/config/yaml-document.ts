import { type Document, isAlias, isScalar, LineCounter, type ParsedNode, parseDocument, type YAMLMap } from 'yaml';
import { ExpectedFailure, messageOf } from '../failure.ts';

/** A configuration is written by hand: some kilobytes. So much takes a second at most, however it is made. */
export const mostCharacters = 200_000;

/** A YAML file, and where its parts stand in it. Nothing is expanded that nobody asks for: a bomb of aliases does no harm. */
export class YamlDocument {
  readonly file: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** @throws ExpectedFailure when it is not one document of YAML */
  constructor(file: string, text: string) {
    this.file = file;
    if (text.length > mostCharacters) {
      throw notYaml(file, `it has ${text.length} characters, and a configuration ${mostCharacters} at most`);
    }
    try {
      this.#document = parseDocument(text, { logLevel: 'error', lineCounter: this.#lines });
    } catch (error) {
      // Thousands of brackets in each other, which overflow the stack.
      throw notYaml(file, messageOf(error));
    }
    const problem = this.#document.errors[0] ?? this.#document.warnings[0];
    if (problem !== undefined) {
      // What it is about, and the lines behind the first one, repeat the file, which may hold a password in the wrong place: one that begins with
      // `*` or `!` means something in YAML.
      const [what = ''] = problem.message.split(/[:"\n]| at line /);
      const place = / at line \d+, column \d+/.exec(problem.message)?.[0] ?? '';
      throw notYaml(file, `${what}${place}`);
    }
  }

  /** The value of the whole file; `undefined` if there is nothing but comments. */
  get root(): unknown {
    const { contents } = this.#document;
    return contents === null || (isScalar(contents) && contents.value === null) ? undefined : contents;
  }

  /**
   * The node that an alias stands for; any other is itself.
   *
   * @throws ExpectedFailure when there is none of that name
   */
  resolved(node: unknown): unknown {
    if (!isAlias(node)) {
      return node;
    }
    const meant = node.resolve(this.#document);
    if (meant === undefined) {
      throw new ExpectedFailure('configuration', `Cannot use ${this.placeOf(node)}: this alias names nothing`, {
        remedy: 'Mark what it stands for with & and its name, before it; quote a text that begins with *.',
      });
    }
    return meant;
  }

  /** `file:line:column`, both from 1. */
  placeOf(node: unknown): string {
    const { line, col } = this.#lines.linePos(startOf(node));
    return `${this.file}:${line}:${col}`;
  }
}

/** The keys of a mapping with their values, in the order of the file. */
export function entriesOf(map: YAMLMap): { key: unknown; name: string; value: unknown }[] {
  return map.items.map(({ key, value }) => ({ key, name: isScalar(key) ? String(key.value) : '', value }));
}

/** The text of a scalar as it is written, but for numbers whatever way they are written: `0x10` and `1e1` become `16` and `10`. */
export function textOf(node: unknown, numeric: boolean): string | undefined {
  if (!isScalar(node)) {
    return undefined;
  }
  const { value, source } = node;
  return typeof value === 'string'
    ? value
    : typeof value === 'number'
      ? numeric
        ? String(value)
        : (source ?? String(value))
      : undefined;
}

function startOf(node: unknown): number {
  return isNode(node) ? node.range[0] : 0;
}

function isNode(node: unknown): node is ParsedNode {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}

function notYaml(file: string, what: string): ExpectedFailure {
  return new ExpectedFailure('configuration', `Cannot read ${file}: ${what}`, {
    remedy: 'It must be YAML: a setting a line, `top: 50`.',
  });
}
