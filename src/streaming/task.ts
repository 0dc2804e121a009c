import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { byteSize } from '../byte-size.ts';
import { TemporaryFile } from '../storage/temporary-file.ts';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { Counters } from './counters.ts';
import { defaultMemory, minMemory } from './memory.ts';
import { inputChunks, writeOutput } from './stdio.ts';

const outputBytes = 1 << 20;

/** What a task's own lines on standard error begin with. */
export const logPrefix = 'also-viewed: ';

/** What a line about the input of a mapper that fails goes on with. */
export const splitPrefix = 'failed on the input split ';

/** What a streaming task works with. */
export interface Task<Name extends string> {
  readonly input: Iterable<Buffer>;
  readonly output: ByteWriter;
  readonly counters: Counters;
  readonly setting: (name: Name) => string | undefined;
  /** Whole number, or `absent` when it is not set. */
  readonly count: (name: Name, absent: number) => number;
  /** Bytes that the task may keep, from the setting `name`. */
  readonly memory: (name: Name) => number;
  /** Makes a file for what does not fit; a container of YARN has a folder for them. */
  readonly temporaryFile: () => TemporaryFile;
  /** A line for the task's log. */
  readonly warn: (line: string) => void;
}

/**
 * Runs one task of Hadoop Streaming around standard input and output, and reports its counters on standard error.
 *
 * @param names the settings that the task knows: each is a job property (`-D also-viewed.top=50`) inside Hadoop, a flag (`--top 50`) or an
 *   environment variable (`ALSO_VIEWED_TOP`) by hand
 */
export function runTask<Name extends string>(names: readonly Name[], work: (task: Task<Name>) => void): void {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const flags = new Map<string, unknown>(Object.entries(parseArgs({ options }).values));
  const inHadoop = process.env['mapreduce_task_id'] !== undefined;
  const counters = new Counters();
  const setting = (name: Name): string | undefined => {
    const flag = flags.get(name);
    const words = name.replaceAll('-', '_');
    // Hadoop replaces what no shell would take in a name: also-viewed.top becomes also_viewed_top.
    const property = process.env[`also_viewed_${words}`];
    // The environment of a node, or of the client that runs the task itself, is no setting of the job.
    const byHand = inHadoop ? undefined : process.env[`ALSO_VIEWED_${words.toUpperCase()}`];
    const text = flag ?? property ?? byHand;
    return typeof text === 'string' && text !== '' ? text : undefined;
  };
  const warn = (line: string): void => {
    process.stderr.write(`${logPrefix}${line}\n`);
  };
  try {
    work({
      input: inputChunks(),
      output: new ByteWriter(outputBytes, writeOutput),
      counters,
      setting,
      count: (name, absent) => countOf(name, setting(name)) ?? absent,
      memory: (name) => memoryOf(name, setting(name)) ?? defaultMemory,
      temporaryFile: () => new TemporaryFile(tmpdir(), randomBytes(8).toString('hex')),
      warn,
    });
  } catch (error) {
    // Node.js tells the error itself; nobody else knows where a mapper was.
    const {
      mapreduce_map_input_file: file,
      mapreduce_map_input_start: start,
      mapreduce_map_input_length: length,
    } = process.env;
    if (file !== undefined) {
      warn(`${splitPrefix}${file}:${start}+${length}`);
    }
    throw error;
  }
  process.stderr.write(counters.report());
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^[1-9]\d{0,15}$/.test(text)) {
    throw new Error(`Cannot use the setting ${name}: ${text} is not a whole number of at least 1`);
  }
  return text === undefined ? undefined : Number(text);
}

function memoryOf(name: string, text: string | undefined): number | undefined {
  const bytes = text === undefined ? undefined : byteSize(text);
  if (text !== undefined && (bytes === undefined || bytes < minMemory)) {
    throw new Error(`Cannot use the setting ${name}: ${text} is not a size of at least 1M`);
  }
  return bytes;
}
