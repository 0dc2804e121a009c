// The reducer of the literal pipeline: for every ordered pair of a path's products a line `a TAB b TAB 1`.
import { createInterface } from 'node:readline';

let path;
let products = new Set();
let out = [];
const flush = () => {
  if (!process.stdout.write(out.join(''))) {
    return new Promise((resolve) => process.stdout.once('drain', resolve));
  }
};
const endPath = async () => {
  for (const a of products) {
    for (const b of products) {
      if (a !== b) {
        out.push(`${a}\t${b}\t1\n`);
        if (out.length === 16_384) {
          await flush();
          out = [];
        }
      }
    }
  }
  products = new Set();
};
for await (const line of createInterface({ input: process.stdin })) {
  const [key, product] = line.split('\t');
  if (key !== path) {
    await endPath();
    path = key;
  }
  products.add(product);
}
await endPath();
await flush();
