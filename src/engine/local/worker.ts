import { parentPort, workerData } from 'node:worker_threads';
import { type BlockOrder, type BlockWork, blockWorker } from './block-work.ts';

const work: BlockWork = workerData;
const worker = blockWorker(work);
parentPort?.on('message', (order: BlockOrder) => {
  const related = worker.relate(order);
  parentPort?.postMessage({ block: order.block, related }, [related.bytes.buffer]);
});
