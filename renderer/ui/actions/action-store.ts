import { createStore } from 'zustand';
import type { Action } from './action.ts';

interface ActionStore {
  /** Of everything on screen, the newest last. */
  readonly sets: ReadonlyMap<string, readonly Action[]>;
  readonly put: (owner: string, actions: readonly Action[]) => void;
  readonly remove: (owner: string) => void;
}

/** The one registry of actions and hotkeys: what is on screen puts its own in and takes them out again. */
export const actionStore = createStore<ActionStore>((set) => ({
  sets: new Map(),
  put: (owner, actions) => set(({ sets }) => ({ sets: new Map(sets).set(owner, actions) })),
  remove: (owner) =>
    set(({ sets }) => {
      const left = new Map(sets);
      left.delete(owner);
      return { sets: left };
    }),
}));

/** All actions; of two with the same keys or id the one registered last stands. */
export function listActions(sets: ReadonlyMap<string, readonly Action[]>): Action[] {
  const keys = new Set<string>();
  const ids = new Set<string>();
  const kept: Action[] = [];
  for (const actions of [...sets.values()].toReversed()) {
    const own = actions.filter(
      (action) => !ids.has(action.id) && (action.keys === undefined || !keys.has(action.keys)),
    );
    for (const action of own) {
      ids.add(action.id);
      if (action.keys !== undefined) keys.add(action.keys);
    }
    kept.unshift(...own);
  }
  return kept;
}
