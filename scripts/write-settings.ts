import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchema, settingsTables } from './settings-pages.ts';

// Writes what the table of settings (src/config/settings.ts) says into the JSON Schema and the page about the configuration:
//   make build && npx tsx scripts/write-settings.ts && npx biome format --write also-viewed.schema.json docs/configuration.md

const root = new URL('..', import.meta.url);
const file = (name: string): string => fileURLToPath(new URL(name, root));

writeFileSync(file('also-viewed.schema.json'), JSON.stringify(jsonSchema(), null, 2));
const page = readFileSync(file('docs/configuration.md'), 'utf8');
writeFileSync(
  file('docs/configuration.md'),
  page.replace(
    /(<!-- settings -->\n)[\s\S]*(<!-- end of settings -->)/,
    (_, begin, end) => `${begin}\n${settingsTables()}\n${end}`,
  ),
);
