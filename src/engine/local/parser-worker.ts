import { parentPort } from 'node:worker_threads';
import { type PieceOrder, PieceParser } from './parse-piece.ts';

const parser = new PieceParser();
parentPort?.on('message', (order: PieceOrder) => {
  const parsed = parser.parse(order);
  const { paths, products, views } = parsed;
  const lists = [paths, products].flatMap(({ arena, ends, hashes }) => [arena.buffer, ends.buffer, hashes.buffer]);
  parentPort?.postMessage(parsed, [...lists, views.buffer]);
});
