import process from 'node:process';
import { ByteWriter } from '../tsv/byte-writer.ts';
import { Counters } from './counters.ts';
import { inputChunks, writeOutput } from './stdio.ts';

const outputBytes = 1 << 20;

/** Reads one setting: a job property (`-D also-viewed.top=50`) inside Hadoop, an environment variable (`ALSO_VIEWED_TOP`) by hand. */
export type Setting = (name: string) => string | undefined;

/** What a streaming task works with. */
export interface Task {
  readonly input: Iterable<Buffer>;
  readonly output: ByteWriter;
  readonly counters: Counters;
  readonly setting: Setting;
  /** Whole number, or `absent` when it is not set. */
  readonly count: (name: string, absent: number) => number;
  /** A line for the task's log. */
  readonly warn: (line: string) => void;
}

/** Runs one task of Hadoop Streaming around standard input and output, and reports its counters on standard error. */
export function runTask(work: (task: Task) => void): void {
  const counters = new Counters();
  const setting: Setting = (name) => {
    const words = name.replaceAll('-', '_');
    // Hadoop replaces what no shell would take in a name: also-viewed.top becomes also_viewed_top.
    return process.env[`also_viewed_${words}`] ?? process.env[`ALSO_VIEWED_${words.toUpperCase()}`];
  };
  const warn = (line: string): void => {
    process.stderr.write(`also-viewed: ${line}\n`);
  };
  work({
    input: inputChunks(),
    output: new ByteWriter(outputBytes, writeOutput),
    counters,
    setting,
    count: (name, absent) => countOf(name, setting(name), absent),
    warn,
  });
  process.stderr.write(counters.report());
}

function countOf(name: string, text: string | undefined, absent: number): number {
  if (text === undefined || text === '') {
    return absent;
  }
  if (!/^[1-9]\d{0,15}$/.test(text)) {
    throw new Error(`Cannot use the setting ${name}: ${text} is not a whole number of at least 1`);
  }
  return Number(text);
}
