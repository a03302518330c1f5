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
