import { benchExport } from './export.ts';
import { benchHadoop } from './hadoop.ts';
import { benchPublish } from './publish.ts';
import { benchRelate } from './relate.ts';
import { benchScaling } from './scaling.ts';

await benchRelate();
await benchExport();
await benchPublish();
await benchHadoop();
await benchScaling();
