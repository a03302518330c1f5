import type { Preferences } from '../../../shared/contract/app.ts';

/** What a person may choose. */
export type Theme = Preferences['theme'];

/** Where `public/first-theme.js` finds the last choice before anything is loaded. */
const CACHE_KEY = 'flotilla.theme';

const LIGHT = '(prefers-color-scheme: light)';

/** Whether `word` is a theme. */
function isTheme(word: string | null): word is Theme {
  return word === 'system' || word === 'dark' || word === 'light';
}

/** What stands on `<html data-theme>`. */
export function toShownTheme(theme: Theme, systemIsLight: boolean): 'dark' | 'light' {
  if (theme !== 'system') return theme;
  return systemIsLight ? 'light' : 'dark';
}

/** The last choice this page knows of; the host knows better. */
export function loadCachedTheme(storage: Pick<Storage, 'getItem'>): Theme {
  try {
    const kept = storage.getItem(CACHE_KEY);
    return isTheme(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
}

/** Shows `theme` and keeps it for the next first paint. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = toShownTheme(theme, matchMedia(LIGHT).matches);
  try {
    localStorage.setItem(CACHE_KEY, theme);
  } catch {
    // Without storage only the first paint of the next time is wrong.
  }
}

/** Calls `onChange` when the system goes dark or light; answers how to stop. */
export function watchSystemTheme(onChange: () => void): () => void {
  const system = matchMedia(LIGHT);
  system.addEventListener('change', onChange);
  return () => system.removeEventListener('change', onChange);
}
