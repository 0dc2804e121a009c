import { benchExport } from './export.ts';
import { benchHadoop } from './hadoop.ts';
import { benchRelate } from './relate.ts';

await benchRelate();
await benchExport();
await benchHadoop();
