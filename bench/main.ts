import { benchExport } from './export.ts';
import { benchRelate } from './relate.ts';

await benchRelate();
await benchExport();
