import { benchExport } from './export.ts';
import { benchGrowth } from './growth.ts';
import { benchHadoop } from './hadoop.ts';
import { benchPublish } from './publish.ts';
import { benchReaders } from './readers.ts';
import { benchRelate } from './relate.ts';
import { benchHuge, benchPeers } from './relate-peers.ts';
import { benchSample } from './relate-sample.ts';
import { benchScaling } from './scaling.ts';
import { benchStart } from './start.ts';

/** The parts by name; `tsx bench/main.ts relate peers` runs some of them. */
const parts = new Map([
  ['start', benchStart],
  ['relate', benchRelate],
  ['peers', () => benchPeers(['dense', 'sessions', 'wide'])],
  ['sample', () => benchSample(['dense', 'sessions', 'wide'])],
  ['growth', benchGrowth],
  ['huge', benchHuge],
  ['export', benchExport],
  ['publish', benchPublish],
  ['readers', benchReaders],
  ['hadoop', benchHadoop],
  ['scaling', benchScaling],
]);

// Certificates that installing may have needed: Node.js would read them all whenever it starts, and what it is compared with would not.
delete process.env['NODE_EXTRA_CA_CERTS'];

const wanted = process.argv.slice(2);
for (const [name, bench] of parts) {
  if (wanted.length === 0 || wanted.includes(name)) {
    await bench();
  }
}
