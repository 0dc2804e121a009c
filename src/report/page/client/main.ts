import { showLookup } from './lookup.ts';
import { unpackShop } from './shop.ts';
import { switchTheme } from './theme.ts';

/** The script of the page: it makes the products searchable and the colours switchable; all else is there without it. */
async function start(): Promise<void> {
  const theme = document.getElementById('theme');
  if (theme !== null) {
    switchTheme(theme);
  }
  const root = document.getElementById('shop');
  if (root !== null) {
    showLookup(await unpackShop(document.getElementById('shop-data')?.textContent ?? ''), root);
  }
}

start().catch((error: unknown) => {
  document.getElementById('shop')?.append(`The products cannot be shown: ${String(error)}`);
});
