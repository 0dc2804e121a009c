import type { EffectiveSetting } from '../config/effective-setting.ts';
import { formatRows, plainTable } from './format-rows.ts';
import type { ListFormat } from './list-formats.ts';

const columns = ['setting', 'value', 'from'];

/** Settings as text. */
export async function formatSettings(settings: readonly EffectiveSetting[], format: ListFormat): Promise<string> {
  const rows = settings.map(({ setting, value, from }) => [setting, value, from]);
  switch (format) {
    case 'table':
      return await plainTable(columns, ['left', 'left', 'left'], rows);
    case 'tsv':
    case 'csv':
      return await formatRows(columns, rows, format);
    case 'jsonl':
      return settings.map((setting) => `${JSON.stringify(setting)}\n`).join('');
  }
}
