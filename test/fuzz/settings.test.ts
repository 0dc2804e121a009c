import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkTogether, configure } from '#dist/cli/configuration.js';
import { program } from '#dist/cli/program.js';
import { ProgressBar } from '#dist/cli/progress-bar.js';
import { parseConfiguration } from '#dist/config/configuration.js';
import * as parsers from '#dist/config/parse.js';
import { settingEntries } from '#dist/config/settings.js';
import { sourceFrom, targetFrom } from '#dist/config/sides.js';
import { watchersInFile } from '#dist/config/watchers-in-file.js';
import { defaultEffects } from '#dist/default-effects.js';
import { parseMysqlUri } from '#dist/mysql/address.js';
import { objectOf, placeOf } from '#dist/storage/s3-address.js';
import { storageOf } from '#dist/storage/storage.js';
import { endOf } from './command-end.ts';
import { bytesOf, fuzz, inBoundedMemory, latin1, patience } from './inputs.ts';

inBoundedMemory();

const effects = defaultEffects({ env: {} });

const mark = 'pa55w0rd';

/** A text made of pieces. */
const text = (pieces: readonly string[], maxPieces?: number): fc.Arbitrary<string> =>
  bytesOf(pieces.map(latin1), maxPieces).map(String);

const uriPieces = [
  ...[
    'mysql://',
    'MySQL://',
    'mysql:',
    's3://',
    'S3://',
    's3a://',
    'https://',
    'file:///',
    'jdbc:mysql://',
    '//',
    '/',
    '\\',
  ],
  ...[
    'user',
    'host',
    'shop',
    '127.0.0.1',
    '[::1]',
    '[',
    ']',
    '@',
    ':',
    '3306',
    '65536',
    '-1',
    '..',
    '.',
    '~',
    '*',
    '{',
    '}',
  ],
  ...[
    '?',
    '&',
    '#',
    '=',
    'ssl-mode',
    'REQUIRED',
    'verify-identity',
    'ssl-ca',
    'socket',
    'password',
    '%',
    '%2F',
    '%zz',
    '%00',
    '%C3',
    '%E2%82',
  ],
  ...['é', '🛒', ' ', '\0', '\n', '\t', "'", '"', '`', 'views.tsv', '.gz', 'xn--', 'ß'],
];
const uri = fc.oneof(
  text(uriPieces, 8),
  fc
    .tuple(fc.constantFrom('mysql://u@h', 'mysql://u@h/', 'mysql://', 's3://', 's3://b/', ''), text(uriPieces, 6))
    .map((parts) => parts.join('')),
);

test(
  'an address of any kind is understood or refused',
  async () => {
    const read = [
      (given: string) => parseMysqlUri(given),
      (given: string) => objectOf(placeOf(given), given),
      (given: string) => storageOf(given, effects),
      (given: string) => sourceFrom({ source: given, sourceTable: 't', pathColumn: 'p', productColumn: 'q' }, effects),
      (given: string) =>
        targetFrom(
          { target: given, targetTable: 't', sourceColumn: 's', targetColumn: 't', weightColumn: 'w' },
          effects,
        ),
    ];
    await fc.assert(
      fc.asyncProperty(uri, async (given) => {
        for (const each of read) {
          expect([0, 64]).toContain((await endOf(() => each(given))).code);
        }
      }),
      fuzz(3_000, [['mysql://u@h/%zz'], ['mysql://%@h/d']]),
    );
  },
  patience(3_000),
);

test(
  'a password in an address is not repeated',
  async () => {
    const parts = fc.tuple(
      fc.constantFrom('mysql', 'MYSQL', 'mysqlx', 'postgres', 's3'),
      text(['user', '%40', '%zz', '.', 'ü'], 3),
      text(uriPieces, 4),
    );
    await fc.assert(
      fc.asyncProperty(parts, async ([scheme, user, rest]) => {
        const given = `${scheme}://${user.replace(/[\s/:@?#\\]/g, '')}:${mark}@${rest}`;
        for (const read of [() => parseMysqlUri(given), () => storageOf(given, effects)]) {
          expect((await endOf(read)).said).not.toContain(mark);
        }
      }),
      fuzz(1_000),
    );
  },
  patience(1_000),
);

const valuePieces = [
  ...[
    '1',
    '0',
    '9',
    '-',
    '+',
    '.',
    ',',
    'e',
    '%',
    '50%',
    '0.5',
    'M',
    'G',
    'T',
    's',
    'm',
    'h',
    '=',
    'name=',
    'http://',
    'https://',
    'a',
    ':',
    '/',
  ],
  ...['', ' ', 'é', '\0', '\n', '999999999999999999999', '1e309', 'NaN', 'Infinity', '0x10', '__proto__'],
];
const optionNames = [
  ...settingEntries.map(([name]) => name),
  'config',
  'dry-run',
  'relations',
  'run',
  'resume',
  'accept-changes',
  'yes',
  'help',
  'version',
  'no-such',
];

test(
  'a value of an option is understood or refused',
  async () => {
    const parse = fc.constantFrom(...Object.values(parsers));
    await fc.assert(
      fc.asyncProperty(parse, text(valuePieces, 5), async (each, given) => {
        expect([0, 64]).toContain((await endOf(() => each(given))).code);
      }),
      fuzz(2_500),
    );
  },
  patience(2_500),
);

test(
  'a configuration file is understood or refused',
  async () => {
    const key = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...optionNames, 'emr', 's3', 'stores') },
      text(valuePieces, 2),
    );
    const scalar = fc.oneof(
      text(valuePieces, 3),
      fc.constantFrom('true', '~', '[]', '{}', '|\n  x', '>-', '!!int 7', '!!binary aGk=', '*a', '&a 1', '2026-11-21'),
    );
    const line = fc.tuple(
      fc.constantFrom('', '', '', '  ', '    ', '- ', '\t'),
      key,
      fc.constantFrom(': ', ':', ':\n  ', ' : ', '? '),
      scalar,
    );
    const lines = fc.array(line, { maxLength: 6 }).map((all) => all.map((parts) => parts.join('')).join('\n'));
    const yamlPieces = [
      ...optionNames,
      ': ',
      ':',
      '\n',
      '\n  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      ',',
      '"',
      "'",
      '&a ',
      '*a',
      '<<: ',
      '!!',
      '!',
      '|',
      '>',
      '#',
      '%YAML 1.1\n',
      '---\n',
      '...\n',
      '\t',
      '? ',
      ...valuePieces,
    ];
    await fc.assert(
      fc.asyncProperty(fc.oneof(lines, text(yamlPieces, 30)), async (given) => {
        const read = (): unknown => [watchersInFile(given), parseConfiguration('also-viewed.yml', given)];
        expect([0, 78]).toContain((await endOf(read)).code);
      }),
      fuzz(2_500),
    );
  },
  patience(2_500),
);

/** Every command, as it is called, with its options as they are written. */
const commands = everyCommand(parsingProgram(undefined), []);

test(
  'a command line is understood or refused',
  async () => {
    const argv = fc.constantFrom(...commands).chain(({ name, flags }) => {
      const flag = fc.tuple(fc.constantFrom(...flags), fc.constantFrom('', '', '='));
      const value = fc.oneof(text(valuePieces, 3), uri, fc.constantFrom('10', 'tsv', '1', 'local', 'text'));
      const word = fc.oneof(
        {
          weight: 6,
          arbitrary: fc
            .tuple(flag, value)
            .map(([[name, equals], given]) => (equals === '' ? [name, given] : [`${name}=${given}`])),
        },
        { weight: 2, arbitrary: value.map((given) => [given]) },
        fc
          .constantFrom('--', '-', '-h', '--help', '--version', '--no-such', '-abc', '--no-quiet')
          .map((given) => [given]),
      );
      return fc.array(word, { maxLength: 6 }).map((words) => [...name, ...words.flat()]);
    });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 9, arbitrary: argv }, fc.array(text(valuePieces, 3), { maxLength: 4 })),
        async (words) => {
          const end = await endOf(() => parsingProgram(words).parseAsync(words, { from: 'user' }));
          // 78 when it names a configuration that is not there.
          expect([0, 64, 78]).toContain(end.code);
        },
      ),
      fuzz(2_500),
    );
  },
  patience(2_500),
);

/** The command line, which completes the options of a command and does nothing else. */
function parsingProgram(words: readonly string[] | undefined): ReturnType<typeof program> {
  const whole = program(
    {
      signal: new AbortController().signal,
      log: { logFormat: 'text', quiet: false, verbose: false },
      bar: new ProgressBar(process.stderr),
    },
    words,
  );
  const silence = (command: typeof whole): void => {
    command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
    if (command.commands.length === 0) {
      command.action(async () => {
        await checkTogether(await configure(command, {}));
      });
    }
    command.commands.forEach(silence);
  };
  silence(whole);
  return whole;
}

function everyCommand(
  command: ReturnType<typeof program>,
  name: readonly string[],
): { readonly name: readonly string[]; readonly flags: readonly string[] }[] {
  return command.commands
    .flatMap((each) => [
      { name: [...name, each.name()], flags: each.options.map(({ long, short }) => long ?? short ?? '') },
      ...everyCommand(each, [...name, each.name()]),
    ])
    .filter(({ flags }) => flags.length > 0);
}
