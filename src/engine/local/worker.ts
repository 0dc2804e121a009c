import { parentPort } from 'node:worker_threads';
import type { ToThread } from './block-threads.ts';
import { type BlockWorker, blockWorker } from './block-work.ts';

let worker: BlockWorker | undefined;
parentPort?.on('message', (message: ToThread) => {
  if ('work' in message) {
    worker = blockWorker(message.work);
  } else {
    parentPort?.postMessage({ block: message.order.block, related: worker?.relate(message.order) });
  }
});
