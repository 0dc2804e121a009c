import { parentPort } from 'node:worker_threads';
import type { IdList } from '../../relation/id-table.ts';
import { type PieceOrder, PieceParser } from './parse-piece.ts';

const parser = new PieceParser();
parentPort?.on('message', (order: PieceOrder) => {
  const parsed = parser.parse(order);
  const paths = copyOf(parsed.paths);
  const products = copyOf(parsed.products);
  const views = parsed.views.slice();
  const lists = [paths, products].flatMap(({ arena, ends, hashes }) => [arena.buffer, ends.buffer, hashes.buffer]);
  parentPort?.postMessage({ ...parsed, paths, products, views }, [...lists, views.buffer]);
});

function copyOf({ arena, ends, hashes }: IdList): IdList {
  return { arena: arena.slice(), ends: ends.slice(), hashes: hashes.slice() };
}
