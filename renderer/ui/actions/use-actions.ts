import { useEffect, useId, useRef } from 'react';
import type { Action } from './action.ts';
import { useActionStore } from './action-store.ts';

/**
 * Offers actions while the component is mounted: they stand in the palette, in the list of keys, and their hotkeys work.
 *
 * The array may be made anew at each render; what an action does is always that of the newest render. Leave out an action that
 * cannot be done now.
 */
export function useActions(actions: readonly Action[]): void {
  const owner = useId();
  const { put, remove } = useActionStore.getState();
  const newest = useRef(actions);
  useEffect(() => {
    newest.current = actions;
  });
  const shown = JSON.stringify(actions);
  useEffect(() => {
    const run = (id: string): void => newest.current.find((action) => action.id === id)?.run();
    put(
      owner,
      newest.current.map((action) => ({ ...action, run: () => run(action.id) })),
    );
    return () => remove(owner);
    // `shown` says all of the actions but their functions, which are looked up when they are used.
  }, [owner, shown, put, remove]);
}

/**
 * One hotkey while the component is mounted; shown in the list of keys, not in the palette.
 *
 * `keys` is `mod+k`, `?`, or a row `g r`. Not heard while something is typed or a dialog is open, unless it holds `mod+`.
 */
export function useHotkey(
  keys: string,
  title: string,
  run: () => void,
  options: { readonly group?: string; readonly isEnabled?: boolean } = {},
): void {
  const { group = 'This page', isEnabled = true } = options;
  useActions(isEnabled ? [{ id: `key ${keys}`, title, group, keys, run, isKeyOnly: true }] : []);
}
