import { Worker } from 'node:worker_threads';
import { packageFile } from '../../package-file.ts';
import type { ParsedPiece, PieceOrder } from './parse-piece.ts';

interface Waiting {
  readonly resolve: (parsed: ParsedPiece) => void;
  readonly reject: (reason: unknown) => void;
}

/** Threads that parse pieces of files, in turn. */
export class ParserThreads {
  readonly #workers: readonly { readonly worker: Worker; readonly waiting: Waiting[] }[];
  #next = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(packageFile('dist/engine/local/parser-worker.js'));
      const waiting: Waiting[] = [];
      const fail = (error: unknown): void => {
        this.#failure ??= { error };
        for (const { reject } of waiting.splice(0)) {
          reject(error);
        }
      };
      worker.on('message', (parsed: ParsedPiece) => waiting.shift()?.resolve(parsed));
      worker.on('error', fail);
      worker.on('exit', (code) => fail(new Error(`A parser thread ended by itself, with code ${code}`)));
      return { worker, waiting };
    });
  }

  /** Parses a piece, whose lines are the thread's from now on. */
  parse(order: PieceOrder): Promise<ParsedPiece> {
    const { worker, waiting } = this.#workers[this.#next++ % this.#workers.length]!;
    const parsed = new Promise<ParsedPiece>((resolve, reject) => {
      if (this.#failure !== undefined) {
        // A thread that has ended answers nothing any more.
        reject(this.#failure.error);
      } else {
        waiting.push({ resolve, reject });
      }
    });
    // Whoever waits for it is told; until then a failure is nobody's.
    parsed.catch(() => {});
    worker.postMessage(order, [order.lines.buffer]);
    return parsed;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.removeAllListeners('exit').terminate()));
  }
}
