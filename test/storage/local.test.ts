import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defaultEffects } from '#dist/default-effects.js';
import { ClosedPipe, Interrupted } from '#dist/failure.js';
import { formatProcess, thisProcess } from '#dist/process-identity.js';
import { readBytes } from '#dist/storage/input.js';
import { Output, writeFile } from '#dist/storage/output.js';
import { inFolder, storageOf } from '#dist/storage/storage.js';
import { temporaryFolder } from '../temporary-folder.ts';

const effects = defaultEffects();

/** Opens the reading end of a pipe, from which nobody reads, until the test ends or the returned function is called. */
function openReader(fifo: string): () => void {
  let descriptor: number | undefined = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const close = (): void => {
    if (descriptor !== undefined) {
      closeSync(descriptor);
      descriptor = undefined;
    }
  };
  onTestFinished(close);
  return close;
}

async function read(location: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of readBytes(location, effects)) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

test('a file appears under its name when it is whole, and not before', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a.txt');
  writeFileSync(file, 'old');
  const { artefact } = await writeFile(file, effects, async (output) => {
    await output.write(Buffer.from('one\ntwo\n'), 2);
    expect(readFileSync(file, 'utf8')).toBe('old');
  });
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
  expect(artefact).toEqual({
    location: file,
    bytes: 8,
    lines: 2,
    sha256: 'c3f9c8c283a2b1f2f1896f27a01cbe3cddc0c9d93f752e4639035a0f5b36f6e8',
  });
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test('a failure in the middle leaves the old file and no other', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a.txt.gz');
  writeFileSync(file, 'old');
  const failure = new Error('in the middle');
  await expect(
    writeFile(file, effects, async (output) => {
      await output.write(Buffer.alloc(1 << 20), 0);
      throw failure;
    }),
  ).rejects.toBe(failure);
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(folder)).toEqual(['a.txt.gz']);
});

test('what killed processes left in the folder of a file is gone with the next one; what a living one writes stays', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'a.txt');
  const own = thisProcess();
  const left = (name: string, by: Partial<typeof own>): string =>
    `.${name}.${formatProcess({ ...own, ...by })}.1a2b3c4d.tmp`;
  const dead = { startedTicks: 1 };
  const others = [left('a.txt', {}), left('a.txt', { machine: '0123456789abcdef', pid: 999_999 }), '.b.txt.tmp'];
  for (const name of [left('a.txt', dead), left('a-night-ago.txt', dead), ...others]) {
    writeFileSync(path.join(folder, name), '');
  }
  await writeFile(file, effects, (output) => output.write(Buffer.from('one'), 0));
  expect(readdirSync(folder).sort()).toEqual([...others, 'a.txt'].sort());
});

test('a name that ends in .gz is packed and unpacked on the way; digest and size are those of the content', async () => {
  const folder = temporaryFolder();
  const content = Buffer.alloc(3_000_000, 'also viewed\n');
  const both = await Promise.all(
    ['a.txt', 'a.txt.gz'].map((name) =>
      writeFile(path.join(folder, name), effects, (output) => output.write(content, 250_000)),
    ),
  );
  const [plain, packed] = both.map(({ artefact: { location: _, ...figures } }) => figures);
  expect(packed).toEqual(plain);
  expect(gunzipSync(readFileSync(path.join(folder, 'a.txt.gz'))).equals(content)).toBe(true);
  expect(await read(path.join(folder, 'a.txt.gz'))).toBe(content.toString());
});

test('a file of several gzip members is read to its end', async () => {
  const { gzipSync } = await import('node:zlib');
  const file = path.join(temporaryFolder(), 'a.gz');
  writeFileSync(file, Buffer.concat([gzipSync('one\n'), gzipSync(''), gzipSync('two\n')]));
  expect(await read(file)).toBe('one\ntwo\n');
});

test('zeros may stand behind gzip members, and anything behind them is bad data instead of left out', async () => {
  const { gzipSync } = await import('node:zlib');
  const file = path.join(temporaryFolder(), 'a.gz');
  const [one, two] = [gzipSync('one\n'), gzipSync('two\n')];
  // More than is read at once, and a single byte.
  for (const zeros of [200_000, 1]) {
    writeFileSync(file, Buffer.concat([one, two, Buffer.alloc(zeros)]));
    expect(await read(file)).toBe('one\ntwo\n');
    writeFileSync(file, Buffer.concat([one, Buffer.alloc(zeros), two]));
    await expect(read(file)).rejects.toMatchObject({
      kind: 'badData',
      message: `Cannot read ${file}: it is not valid gzip data`,
    });
  }
  two[0] = 0;
  writeFileSync(file, Buffer.concat([one, two]));
  await expect(read(file)).rejects.toMatchObject({ kind: 'badData' });
});

test('names are joined to folders with one slash', () => {
  expect(inFolder('a/', 'b', 'c')).toBe('a/b/c');
  expect(inFolder('/', 'b')).toBe('/b');
  expect(inFolder('s3://bucket/', 'runs')).toBe('s3://bucket/runs');
  expect(inFolder('s3://bucket', 'runs')).toBe('s3://bucket/runs');
});

test('a file that is replaced keeps its rights', async () => {
  const file = path.join(temporaryFolder(), 'a.txt');
  writeFileSync(file, 'old', { mode: 0o600 });
  await writeFile(file, effects, (output) => output.write(Buffer.from('new'), 0));
  expect(statSync(file).mode & 0o7777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toBe('new');
});

test('a link to a file that is not there yet stays, and the file is created', async () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'real'));
  symlinkSync('real/a.txt', path.join(folder, 'a.txt'));
  await writeFile(path.join(folder, 'a.txt'), effects, (output) => output.write(Buffer.from('new'), 0));
  expect(readlinkSync(path.join(folder, 'a.txt'))).toBe('real/a.txt');
  expect(readFileSync(path.join(folder, 'real', 'a.txt'), 'utf8')).toBe('new');
});

test('a name under which no file can be written is an expected failure', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'file'), '');
  for (const [name, kind] of [
    ['', 'usage'],
    [`${folder}/new/`, 'cannotCreate'],
    [folder, 'cannotCreate'],
    [`${folder}/file/below`, 'cannotCreate'],
    [`${folder}/nowhere/below`, 'cannotCreate'],
    ['/dev/fd/9999', 'cannotCreate'],
  ] as const) {
    await expect(Output.create(name, effects)).rejects.toMatchObject({ kind });
  }
  const storage = await storageOf(folder, effects);
  for (const name of [`${folder}/file`, `${folder}/file/below`, '/proc/also-viewed/runs']) {
    await expect(storage.makeFolder(name)).rejects.toMatchObject({ kind: 'cannotCreate' });
  }
  await storage.makeFolder(`${folder}/a/b/c/`);
  await storage.makeFolder(`${folder}/a/b/c`);
  expect(readdirSync(`${folder}/a/b`)).toEqual(['c']);
});

test('a file may have the longest name that there is', async () => {
  const file = path.join(temporaryFolder(), 'ü'.repeat(127));
  await writeFile(file, effects, (output) => output.write(Buffer.from('new'), 0));
  expect(readFileSync(file, 'utf8')).toBe('new');
});

test('a rename that fails is an expected failure', async () => {
  const file = path.join(temporaryFolder(), 'a.txt');
  const output = await Output.create(file, effects);
  mkdirSync(file);
  await expect(output.commit()).rejects.toMatchObject({ kind: 'cannotCreate' });
  await output.abort();
  expect(readdirSync(path.dirname(file))).toEqual(['a.txt']);
});

test('an address of another kind is refused without being repeated', async () => {
  for (const address of ['mysql://u:secret@h/db', 'hdfs://host/views', 's3a://bucket/views', 'ftp://u:secret@h/f']) {
    const failure = await storageOf(address, effects).catch((error: unknown) => error);
    expect(failure).toMatchObject({ kind: 'usage' });
    expect(JSON.stringify([failure, String(failure)])).not.toContain(address.slice(address.indexOf('/')));
  }
  await expect(storageOf('mysql://h/db', effects)).rejects.toMatchObject({
    remedy: expect.stringContaining('--source'),
  });
});

test('a path with a NUL, which a manifest or a program may name, is refused', async () => {
  await expect(storageOf('folder/\0/views.tsv', effects)).rejects.toMatchObject({
    kind: 'usage',
    message: 'Cannot use "folder/\\u0000/views.tsv": no path holds a NUL',
  });
});

test('a folder stands for its files and pipes, behind links too, and for nothing else', async () => {
  const folder = temporaryFolder();
  for (const name of ['b.tsv', '.hidden', '_SUCCESS']) {
    writeFileSync(path.join(folder, name), '');
  }
  mkdirSync(path.join(folder, 'sub'));
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  symlinkSync('b.tsv', path.join(folder, 'a.tsv'));
  symlinkSync('sub', path.join(folder, 'link'));
  const storage = await storageOf(folder, effects);
  expect(await storage.list(folder)).toEqual(['a.tsv', 'b.tsv', 'pipe'].map((name) => path.join(folder, name)));
  symlinkSync('nowhere', path.join(folder, 'dangling'));
  await expect(storage.list(folder)).rejects.toMatchObject({ kind: 'noInput' });
});

describe('standard output under a name', () => {
  const script = `
    import { defaultEffects } from '#dist/default-effects.js';
    import { writeFile } from '#dist/storage/output.js';
    await writeFile(process.argv[1], defaultEffects(), (output) => output.write(Buffer.from('second\\n'), 1));`;
  /** Runs a line of shell that ends without a word on standard error. */
  const shell = (line: string): string => {
    const { stdout, stderr } = spawnSync('bash', ['-c', line], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
      env: {
        ...process.env,
        FOLDER: temporaryFolder(),
        SCRIPT: script,
        NODE: process.execPath,
      },
    });
    expect(stderr).toBe('');
    return stdout;
  };
  const write = '"$NODE" --input-type=module --eval "$SCRIPT"';

  test.each(['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])(
    '%s is written in place, be it a pipe or a file',
    (name) => {
      expect(shell(`${write} ${name} | cat`)).toBe('second\n');
      expect(shell(`(echo first; ${write} ${name}; echo third) > "$FOLDER/f"; cat "$FOLDER/f"; ls -A "$FOLDER"`)).toBe(
        'first\nsecond\nthird\nf\n',
      );
      expect(lstatSync('/dev/stdout').isSymbolicLink()).toBe(true);
    },
  );

  test('is written in place behind a link and as >(command)', () => {
    expect(shell(`cd "$FOLDER"; ln -s /dev/stdout o; cd - > /dev/null; (echo first; ${write} "$FOLDER/o") | cat`)).toBe(
      'first\nsecond\n',
    );
    expect(shell(`${write} >(cat > "$FOLDER/f"); wait $!; cat "$FOLDER/f"`)).toBe('second\n');
  });
});

describe('a named pipe', () => {
  const pipe = (): string => {
    const name = path.join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [name]);
    return name;
  };
  const stopping = (): { stop: AbortController; own: typeof effects } => {
    const stop = new AbortController();
    return { stop, own: defaultEffects({ signal: stop.signal }) };
  };
  const interrupted = new Interrupted('SIGTERM');

  test('is read and written whole', async () => {
    const name = pipe();
    const content = Buffer.alloc(3_000_000, 'also viewed\n');
    const [text] = await Promise.all([
      read(name),
      writeFile(name, effects, (output) => output.write(content, 250_000)),
    ]);
    expect(text).toBe(content.toString());
    expect(statSync(name).isFIFO()).toBe(true);
  });

  test('that nobody opens at the other end does not outlast the signal', async () => {
    const name = pipe();
    const { stop, own } = stopping();
    const reading = readBytes(name, own).next();
    const creating = Output.create(pipe(), own);
    setImmediate(() => stop.abort(interrupted));
    await expect(reading).rejects.toBe(interrupted);
    await expect(creating).rejects.toBe(interrupted);
  });

  test('whose reader does not read does not outlast the signal', async () => {
    const name = pipe();
    openReader(name);
    // More and less than a stream holds back.
    for (const size of [3_000_000, 100_000]) {
      const { stop, own } = stopping();
      const writing = writeFile(name, own, async (output) => {
        setImmediate(() => stop.abort(interrupted));
        await output.write(Buffer.alloc(size), 0);
      });
      await expect(writing).rejects.toBe(interrupted);
    }
  });

  test('whose reader goes away is a closed pipe', async () => {
    const name = pipe();
    const close = openReader(name);
    const writing = writeFile(name, effects, async (output) => {
      setImmediate(close);
      for (;;) {
        await output.write(Buffer.alloc(1 << 20), 0);
      }
    });
    await expect(writing).rejects.toBeInstanceOf(ClosedPipe);
  });

  test('that is never empty is read in turns with signals and timers', async () => {
    const name = pipe();
    const writer = spawn('sh', ['-c', 'exec yes > "$0"', name]);
    onTestFinished(() => void writer.kill());
    let chunks = 0;
    let turnAt: number | undefined;
    for await (const _ of readBytes(name, effects)) {
      chunks++;
      if (chunks === 5) {
        setImmediate(() => {
          turnAt = chunks;
        });
      }
      if (turnAt !== undefined) {
        break;
      }
      // Parsing takes time, in which the pipe fills up again.
      const begun = performance.now();
      while (performance.now() - begun < 20);
    }
    expect(turnAt).toBeLessThan(12);
  });
});

test('what is written after the signal, to record how the job ended, is written', async () => {
  const file = path.join(temporaryFolder(), 'manifest.json');
  await writeFile(file, defaultEffects({ signal: AbortSignal.abort(new Interrupted('SIGINT')) }), (output) =>
    output.write(Buffer.alloc(3_000_000), 0),
  );
  expect(statSync(file).size).toBe(3_000_000);
});
