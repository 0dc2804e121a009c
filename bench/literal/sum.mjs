// The reducer of the literal pipeline's second job: adds up the lines of a pair, which come together.
import { createInterface } from 'node:readline';

let pair;
let sum = 0;
let out = [];
const flush = () => {
  if (!process.stdout.write(out.join(''))) {
    return new Promise((resolve) => process.stdout.once('drain', resolve));
  }
};
for await (const line of createInterface({ input: process.stdin })) {
  const at = line.lastIndexOf('\t');
  const key = line.slice(0, at);
  if (key !== pair) {
    if (pair !== undefined) {
      out.push(`${pair}\t${sum}\n`);
    }
    pair = key;
    sum = 0;
    if (out.length >= 16_384) {
      await flush();
      out = [];
    }
  }
  sum += Number(line.slice(at + 1));
}
if (pair !== undefined) {
  out.push(`${pair}\t${sum}\n`);
}
await flush();
