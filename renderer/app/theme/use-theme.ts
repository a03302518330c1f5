import { useEffect } from 'react';
import { createStore, useStore } from 'zustand';
import { useHostCommand, useHostQuery } from '../../rpc/queries.ts';
import { valueOf } from '../../rpc/loaded.ts';
import { useToasts } from '../../ui/toasts/use-toasts.ts';
import { applyTheme, loadCachedTheme, type Theme, watchSystemTheme } from './theme.ts';

const themeStore = createStore<{ readonly theme: Theme }>(() => ({ theme: loadCachedTheme(localStorage) }));

/** The theme and its choice: shown at once, kept by the host. */
export function useTheme(): { readonly theme: Theme; readonly choose: (theme: Theme) => void } {
  const theme = useStore(themeStore, (store) => store.theme);
  const { report } = useToasts();
  const keep = useHostCommand((host, chosen: Theme, how) => host.calls.app.setPreferences({ theme: chosen }, how), {
    changes: ['preferences'],
    onError: (error) => report(error, 'The theme is not kept'),
  });
  return {
    theme,
    choose: (chosen) => {
      themeStore.setState({ theme: chosen });
      void keep.run(chosen);
    },
  };
}

/** Shows the chosen theme on the page, follows the system, and takes over what the host has kept. Once, in the frame. */
export function useShownTheme(): void {
  const theme = useStore(themeStore, (store) => store.theme);
  const kept = valueOf(
    useHostQuery({ key: ['preferences'], ask: (host, signal) => host.calls.app.preferences({}, { signal }) }),
  );
  const keptTheme = kept?.theme;
  useEffect(() => {
    if (keptTheme !== undefined) themeStore.setState({ theme: keptTheme });
  }, [keptTheme]);
  useEffect(() => {
    applyTheme(theme);
    return watchSystemTheme(() => applyTheme(theme));
  }, [theme]);
}
