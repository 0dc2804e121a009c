import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';
import { createBucket } from './create-bucket.ts';
import { hadoopEnvironment, hadoopHome, quickProperties } from './hadoop.ts';
import { hadoopS3Properties } from './hadoop-s3.ts';

const run = promisify(execFile);
const env = { ...process.env, ...hadoopEnvironment() };
const settingsOf = (properties: Readonly<Record<string, string>>): string[] =>
  Object.entries(properties).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
const onePerView = `
  import { createInterface } from 'node:readline';
  for await (const line of createInterface(process.stdin)) console.log(line.split('\\t')[1] + '\\t1');
`;

/** Runs a job on the lines of `input` in a folder of its own: how it ended, and its output file. */
function streamingJob(input: string, mapper: string, reducer: string) {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'input.tsv'), input);
  writeFileSync(join(cwd, 'mapper.mjs'), mapper);
  writeFileSync(join(cwd, 'reducer.mjs'), reducer);
  const home = hadoopHome();
  const output = join(cwd, 'output');
  const words = [
    ...[
      'jar',
      join(home, 'share', 'hadoop-streaming-3.4.2.jar'),
      ...settingsOf({ 'hadoop.tmp.dir': join(cwd, 'hadoop'), ...quickProperties }),
    ],
    ...['-input', join(cwd, 'input.tsv'), '-output', output],
    ...['-mapper', `node ${join(cwd, 'mapper.mjs')}`, '-reducer', `node ${join(cwd, 'reducer.mjs')}`],
  ];
  return { ended: run(join(home, 'bin', 'hadoop'), words, { cwd, env }), outputFile: join(output, 'part-00000') };
}

test('hadoop is the version that the installer names', async () => {
  const { stdout } = await run(join(hadoopHome(), 'bin', 'hadoop'), ['version'], { env });
  expect(stdout).toMatch(/^Hadoop 3\.4\.2$/m);
});

test('a streaming job sorts what the mapper printed for the reducer, and logs its counters', async () => {
  const { ended, outputFile } = streamingJob(
    'ann\ttea\nann\tcup\nbob\ttea\ncid\tœuf\ncid\ttea\n',
    onePerView,
    `
      import { createInterface } from 'node:readline';
      let [product, views] = ['', 0];
      const print = () => views > 0 && console.log(product + '\\t' + views);
      for await (const line of createInterface(process.stdin)) {
        const next = line.split('\\t')[0];
        if (next !== product) {
          print();
          [product, views] = [next, 0];
        }
        views++;
      }
      print();
    `,
  );
  const { stderr } = await ended;
  expect(readFileSync(outputFile, 'utf8')).toBe('cup\t1\ntea\t3\nœuf\t1\n');
  expect(stderr).toContain('Reduce output records=3');
});

test('a reducer that fails makes the job fail, with its stack in the output', async () => {
  const { ended } = streamingJob(
    'ann\ttea\n',
    onePerView,
    // Only after its input: else Hadoop may report a broken pipe in its place.
    "process.stdin.resume().on('end', function giveUp() { throw new Error('Cannot reduce tea'); });",
  );
  const failure: unknown = await ended.catch((error) => error);
  const stack = /Error: Cannot reduce tea\n\s+at .*giveUp.*reducer\.mjs:1/;
  expect(failure).toMatchObject({ code: 1, stderr: expect.stringMatching(stack) });
  expect(failure).toMatchObject({ stderr: expect.stringContaining('subprocess failed with code 1') });
});

test('hadoop fs writes, lists and reads files on S3', async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'views.tsv'), 'ann\tœuf\n');
  const s3 = inject('s3');
  const settings = settingsOf(hadoopS3Properties(s3));
  const fs = async (...words: string[]) => {
    const { stdout } = await run(join(hadoopHome(), 'bin', 'hadoop'), ['fs', ...settings, ...words], { cwd, env });
    return stdout;
  };
  const address = `s3://${await createBucket(s3)}/views.tsv`;
  await fs('-put', 'views.tsv', address);
  expect(await fs('-ls', address)).toMatch(new RegExp(` 9 .* ${address}\n`));
  expect(await fs('-cat', address.replace('s3:', 's3a:'))).toBe('ann\tœuf\n');
});

test('where hadoop is missing, the error names the script that installs it', () => {
  vi.stubEnv('ALSO_VIEWED_CACHE', temporaryFolder());
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  expect(hadoopHome).toThrow(/^Cannot run Hadoop: run scripts\/install-hadoop\.sh first/);
});
