import type { EffectiveSetting } from '../config/effective-setting.ts';
import { formatRows, plainTable } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

/** Settings as text. */
export async function formatSettings(settings: readonly EffectiveSetting[], format: ListFormat): Promise<string> {
  const ofStores = settings.some(({ store }) => store !== undefined);
  const columns = [...(ofStores ? ['store'] : []), 'setting', 'value', 'from'];
  const rows = settings.map(({ store, setting, value, from }) => [
    ...(ofStores ? [store ?? ''] : []),
    setting,
    value,
    from,
  ]);
  switch (format) {
    case 'table':
      return await plainTable(
        columns,
        columns.map(() => 'left'),
        rows,
      );
    case 'tsv':
    case 'csv':
      return await formatRows(columns, rows, format);
    case 'jsonl':
      return settings.map((setting) => `${JSON.stringify(setting)}\n`).join('');
  }
}
