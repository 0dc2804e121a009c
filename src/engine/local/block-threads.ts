import { Worker } from 'node:worker_threads';
import { packageFile } from '../../package-file.ts';
import type { BlockOrder, BlockWork } from './block-work.ts';
import type { RelatedBlock } from './relate-block.ts';

/** What a thread is told: first its work, then one block after the other. */
export type ToThread = { readonly work: BlockWork } | { readonly order: BlockOrder };

/** Threads that relate blocks. They take a twentieth of a second to start, which they can do before there is work. */
export class BlockThreads {
  readonly #workers: readonly Worker[];
  /** Each thread once for every order that it may still take: a second one keeps it at work while the main thread writes. */
  readonly #idle: Worker[] = [];
  readonly #finished = new Map<number, RelatedBlock>();
  #failure: { readonly error: unknown } | undefined;
  #wake = (): void => {};

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads }, () => {
      const worker = new Worker(packageFile('dist/engine/local/worker.js'));
      worker.on('message', ({ block, related }: { block: number; related: RelatedBlock }) => {
        this.#finished.set(block, related);
        this.#idle.push(worker);
        this.#wake();
      });
      worker.on('error', (error) => this.fail(error));
      worker.on('exit', (code) => this.fail(new Error(`A worker thread ended by itself, with code ${code}`)));
      return worker;
    });
  }

  /** Makes whoever waits for a block fail. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }

  /** Gives all threads their work, once. */
  begin(work: BlockWork): void {
    for (const worker of this.#workers) {
      send(worker, { work });
    }
    this.#idle.push(...this.#workers, ...this.#workers);
  }

  /** Whether a thread takes another block. */
  get idle(): boolean {
    return this.#idle.length > 0;
  }

  /** Has a block related by the thread that has had the least lately. */
  relate(order: BlockOrder): void {
    const worker = this.#idle.shift();
    if (worker !== undefined) {
      send(worker, { order });
    }
  }

  /** A block that is finished. When it is not, waits until any is, and returns nothing. */
  async finished(block: number): Promise<RelatedBlock | undefined> {
    const related = this.#finished.get(block);
    if (related !== undefined) {
      this.#finished.delete(block);
    } else if (this.#failure !== undefined) {
      throw this.#failure.error;
    } else {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return related;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.removeAllListeners('exit').terminate()));
  }
}

function send(worker: Worker, message: ToThread): void {
  worker.postMessage(message);
}
