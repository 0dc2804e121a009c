import { columnsOf } from '../engine/relate.ts';
import { storageOf } from '../storage/storage.ts';
import { isQuery } from '../tsv/catalogue.ts';
import type { Check } from './doctor.ts';

/** What would contradict itself whatever the services say, and the file that a setting names. */
export const checkSettings: Check = async (report, options, effects) => {
  await options.settings;
  const { path, product } = columnsOf(options);
  const { products } = options;
  const file = products === undefined || isQuery(products) ? undefined : products;
  if (file !== undefined) {
    const storage = await storageOf(file, effects);
    (await storage.open(file)).destroy();
  }
  report.ok(`views are ${path} and ${product}${file === undefined ? '' : `; ${file} can be read`}`);
};
