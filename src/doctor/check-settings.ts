import { columnsOf } from '../engine/relate.ts';
import { storageOf } from '../storage/storage.ts';
import type { Check } from './doctor.ts';

/** What would contradict itself whatever the services say, and the file that a setting names. */
export const checkSettings: Check = async (report, options, effects) => {
  await options.settings;
  const { path, product } = columnsOf(options);
  if (options.products !== undefined) {
    const storage = await storageOf(options.products, effects);
    (await storage.open(options.products)).destroy();
  }
  report.ok(
    `views are ${path} and ${product}${options.products === undefined ? '' : `; ${options.products} can be read`}`,
  );
};
