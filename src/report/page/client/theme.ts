const key = 'also-viewed-theme';

/** Lets a button switch between light and dark colours; until it is used, the system's setting holds. */
export function switchTheme(button: HTMLElement): void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = (): boolean =>
    (document.documentElement.dataset['theme'] ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const label = (): void => {
    button.textContent = isDark() ? 'Light colours' : 'Dark colours';
  };
  const before = remembered();
  if (before === 'dark' || before === 'light') {
    document.documentElement.dataset['theme'] = before;
  }
  button.hidden = false;
  label();
  system.addEventListener('change', label);
  button.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset['theme'] = theme;
    remember(theme);
    label();
  });
}

/** A browser may keep nothing for a page from a disk. */
function remembered(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(theme: string): void {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Then the theme lasts as long as the page.
  }
}
