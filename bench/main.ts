import { benchExport } from './export.ts';
import { benchHadoop } from './hadoop.ts';
import { benchRelate } from './relate.ts';
import { benchScaling } from './scaling.ts';

await benchRelate();
await benchExport();
await benchHadoop();
await benchScaling();
