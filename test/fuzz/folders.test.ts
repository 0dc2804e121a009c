import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { program } from '#dist/cli/program.js';
import { ProgressBar } from '#dist/cli/progress-bar.js';
import { defaultEffects } from '#dist/default-effects.js';
import { withWorkLock } from '#dist/run/work-lock.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { endOf } from './command-end.ts';
import { bytesOf, fuzz, inBoundedMemory, patience } from './inputs.ts';
import { viewFile } from './view-file.ts';

inBoundedMemory();

const runId = '20261121T030000Z-aaaaaa';
const other = '20261121T040000Z-bbbbbb';

const viewLines = '1\ta\n1\tb\n2\ta\n2\tb\n';
const relationLines = 'a\tb\t2\nb\ta\t2\n';
const oddValues = [
  null,
  true,
  -1,
  1e308,
  0.5,
  '',
  ' ',
  '\0',
  '..',
  '../..',
  runId,
  other,
  'NaN',
  'running',
  '2026-13-45',
  '9'.repeat(300),
  [],
  {},
  [null],
];

/** A value of JSON in which some places hold something else. */
function spoilt(value: unknown): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(fc.nat(99), fc.oneof(fc.constantFrom(...oddValues), fc.constant(undefined))), { maxLength: 3 })
    .map((changes) => {
      let text = JSON.stringify(value);
      for (const [place, odd] of changes) {
        const whole: unknown = JSON.parse(text);
        const places: unknown[] = [];
        JSON.stringify(whole, (_, each) => {
          places.push(each);
          return each;
        });
        let at = 0;
        const changed = JSON.stringify(whole, (_, each) => (at++ === 1 + (place % places.length) ? odd : each));
        text = changed ?? text;
      }
      return text;
    });
}

const withStages = v.object({ stages: v.array(v.looseObject({})) });

/** Texts in the place of a manifest, made of one that is right. */
function manifestText(manifest: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const { stages } = v.parse(withStages, manifest);
  const changes = [
    { rollbackOf: runId },
    { rollbackOf: other },
    { startedAt: 'x' },
    { state: 'failed' },
    { state: 'failed', stages: [] },
    { state: 'failed', stages: stages.map((stage) => ({ ...stage, counts: {} })) },
  ];
  return fc.oneof(
    { weight: 4, arbitrary: spoilt({ ...manifest, state: 'failed' }) },
    { weight: 4, arbitrary: fc.constantFrom(...changes).map((change) => JSON.stringify({ ...manifest, ...change })) },
    fc.tuple(spoilt(manifest), fc.nat(999)).map(([text, at]) => text.slice(0, Math.floor((at * text.length) / 1000))),
    bytesOf(['{', '}', '[', ']', '"', ':', ',', 'run', 'null', '1', '\\u0000', '{"run":'], 20).map(String),
    fc.constantFrom('', 'null', '[]', '{}', '['.repeat(100_000), `"${'x'.repeat(100_000)}"`),
  );
}

/** What stands in the place of a file of a run. */
const artefact = (good: Uint8Array): fc.Arbitrary<Buffer | undefined> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant(Buffer.from(good)) },
    bytesOf(['\x1f\x8b', '\x08', '\0', 'a', '\t', '\n', '1'], 20),
    fc.constant(undefined),
  );

const commands = [
  ...['tsv', 'table', 'csv', 'jsonl'].map((format) => ['runs', '--format', format]),
  ['show', 'a'],
  ['show', 'a', '--run', runId, '--format', 'jsonl'],
  ['show', 'a', '--run', other, '--score', 'llr'],
  ['explain', 'a', 'b'],
  ['explain', 'a', 'b', '--run', other],
  ['diff', runId, other],
  ['rollback', '--target', 't.tsv'],
  ['rollback', other, '--target', 't.tsv'],
  ['run', '--source', 'views.tsv', '--target', 't.tsv', '--resume', '--threads', '1'],
  ['run', '--source', 'views.tsv', '--target', 't.tsv', '--resume', runId, '--threads', '1'],
];

const home = process.cwd();
beforeAll(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((_chunk, encoding, done) => {
    const written = typeof encoding === 'function' ? encoding : done;
    written?.();
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterAll(() => {
  process.chdir(home);
  vi.restoreAllMocks();
});

/** What the command line does with those words, in this process. */
async function commandLine(words: readonly string[]): Promise<void> {
  const session = {
    signal: AbortSignal.timeout(30_000),
    log: { logFormat: 'text' as const, quiet: true, verbose: false },
    bar: new ProgressBar(process.stderr),
  };
  const whole = program(session, words);
  const takesWork = whole.commands.some(({ options }) => options.some(({ long }) => long === '--work'));
  await whole.parseAsync([...words, ...(takesWork ? ['--work', 'work'] : []), '--quiet'], { from: 'user' });
}

test(
  'a work folder that holds anything makes a command end as it should, or refuse it',
  async () => {
    const folder = temporaryFolder();
    process.chdir(folder);
    writeFileSync('views.tsv', viewLines);
    await commandLine(['run', '--source', 'views.tsv', '--target', 't.tsv', '--threads', '1']);
    const [made = ''] = readdirSync(path.join('work', 'runs'));
    const good = (name: string): Buffer => readFileSync(path.join('work', 'runs', made, name));
    const manifest = JSON.parse(good('manifest.json').toString());
    const kept = fc.tuple(
      manifestText({ ...manifest, run: runId }),
      ...([
        artefact(good('views.tsv.gz')),
        artefact(good('relations.tsv.gz')),
        artefact(Buffer.from('0\ta\n9\n')),
      ] as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...commands), kept, kept, async (words, ...runs) => {
        rmSync('work', { recursive: true, force: true });
        writeFileSync('views.tsv', viewLines);
        writeFileSync('t.tsv', relationLines);
        for (const [at, [text, views, relations, index]] of runs.entries()) {
          const place = path.join('work', 'runs', [runId, other][at] ?? '');
          mkdirSync(place, { recursive: true });
          writeFileSync(path.join(place, 'manifest.json'), text);
          for (const [name, bytes] of [
            ['views.tsv.gz', views],
            ['relations.tsv.gz', relations],
            ['relations.tsv.gz.idx', index],
          ] as const) {
            if (bytes !== undefined) {
              writeFileSync(path.join(place, name), bytes);
            }
          }
        }
        const end = await endOf(() => commandLine(words));
        process.exitCode = undefined;
        expect([0, 64, 65, 66], end.said).toContain(end.code);
      }),
      fuzz(150),
    );
  },
  patience(150),
);

test(
  'any file under any options is worked on or refused',
  async () => {
    process.chdir(temporaryFolder());
    const table = bytesOf(['\t', '\t', '\n', '\n', '1', '2', 'a', 'b', 'a\tb\t2\nb\ta\t2\n', '\\', '\xff', '"', ',']);
    const file = fc.oneof(viewFile, table, artefact(Buffer.from(relationLines)));
    const words = fc.constantFrom(
      ...['tsv', 'csv', 'tsv.gz'].flatMap((kind) => [
        ['relate', `a.${kind}`, '--threads', '1', '--out', 'o.tsv'],
        ['relate', `a.${kind}`, `b.${kind}`, '--threads', '1', '--format', 'jsonl'],
        ['import', `a.${kind}`, '--target', 't.tsv'],
        ['import', `a.${kind}`, `b.${kind}`, '--target', 't.tsv'],
        ['show', 'a', '1', '--relations', `a.${kind}`],
        ['show', 'a', '--relations', `a.${kind}`, '--views', `b.${kind}`, '--score', 'lift'],
        ['explain', 'a', 'b', '--views', `a.${kind}`],
        ['explain', '1', '2', '--views', `a.${kind}`, '--relations', `b.${kind}`],
        ['diff', `a.${kind}`, `b.${kind}`],
        ['evaluate', `a.${kind}`],
        ['run', '--source', `a.${kind}`, '--target', 't.tsv', '--threads', '1'],
      ]),
    );
    const option = fc.constantFrom(
      ...[
        ['--top', '1'],
        ['--min-weight', '2'],
        ['--max-path-products', '2'],
        ['--ids', 'integer'],
        ['--ids', 'text'],
        ['--products', 'b.tsv'],
      ],
      ...[
        ['--names', 'b.csv'],
        ['--path-column', 'product_id'],
        ['--format', 'csv'],
        ['--format', 'jsonl'],
        ['--memory', '128M'],
        ['--config', 'b.tsv'],
      ],
      ...[
        ['--cutoffs', '1,3'],
        ['--test-share', '0.5'],
        ['--dry-run'],
        ['--plan'],
        ['--verify'],
        ['--log-format', 'json'],
        ['--accept-changes', 'x'],
      ],
    );
    await fc.assert(
      fc.asyncProperty(
        words,
        fc.array(option, { maxLength: 3 }),
        file,
        file,
        async (command, options, first, second) => {
          for (const [name, bytes] of [
            ['a', first],
            ['b', second],
          ] as const) {
            for (const kind of ['tsv', 'csv', 'tsv.gz']) {
              writeFileSync(`${name}.${kind}`, bytes ?? '');
            }
          }
          const end = await endOf(() => commandLine([...command, ...options.flat()]));
          process.exitCode = undefined;
          expect([0, 64, 65, 66, 78], end.said).toContain(end.code);
        },
      ),
      fuzz(150),
    );
  },
  patience(150),
);

test(
  'a lock that says anything is held or taken over, and waited for no longer than its lease may be',
  async () => {
    const folder = temporaryFolder();
    const holder = {
      host: 'h',
      pid: 1,
      machine: '0123456789abcdef',
      startedTicks: 1,
      run: runId,
      since: '2026-11-21T03:00:00.000Z',
      renewedAt: '2026-11-21T03:00:00.000Z',
      leaseSeconds: 60,
      token: 'x',
      changes: 1,
    };
    const content = fc.oneof(
      { weight: 3, arbitrary: spoilt(holder) },
      bytesOf(['{', '"', '}', ':', '1', ',', 'host'], 12).map((bytes) => bytes.toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(content, async (text) => {
        mkdirSync(path.join(folder, 'work'), { recursive: true });
        writeFileSync(path.join(folder, 'work', 'lock.json'), text);
        let waited = 0;
        const effects = defaultEffects({
          now: () => new Date('2026-11-21T05:00:00Z'),
          pause: async (ms) => {
            waited += ms;
          },
        });
        const end = await endOf(() => withWorkLock(path.join(folder, 'work'), undefined, effects, async () => {}));
        expect([0, 75], end.said).toContain(end.code);
        expect(waited).toBeLessThanOrEqual(3_601_000);
      }),
      fuzz(100),
    );
  },
  patience(100),
);
