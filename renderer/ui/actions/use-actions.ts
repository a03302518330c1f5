import { useEffect, useId, useRef } from 'react';
import type { Action } from './action.ts';
import { actionStore } from './action-store.ts';

/**
 * Offers actions while the component is mounted: they stand in the palette, in the list of keys, and their hotkeys work.
 *
 * The array may be made anew at each render; what an action does is always that of the newest render. Leave out an action that
 * cannot be done now.
 */
export function useActions(actions: readonly Action[]): void {
  const owner = useId();
  const newest = useRef(actions);
  useEffect(() => {
    newest.current = actions;
  });
  // All of the actions but their functions, which are looked up when they are used: the registry changes with the words only.
  const shown = JSON.stringify(actions);
  useEffect(() => {
    const words = JSON.parse(shown) as Omit<Action, 'run'>[];
    const { put, remove } = actionStore.getState();
    put(
      owner,
      words.map((action) => ({ ...action, run: () => newest.current.find(({ id }) => id === action.id)?.run() })),
    );
    return () => remove(owner);
  }, [owner, shown]);
}

/**
 * One hotkey while the component is mounted; shown in the list of keys, not in the palette.
 *
 * `keys` is `mod+k`, `?`, or a row `g r`. Not heard while something is typed, a menu or a dialog is open.
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
