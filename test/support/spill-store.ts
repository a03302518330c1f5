import type { SpillStore } from '../../runtime/cache/named/spill-store.ts';

/** A store in memory that can be held, can fail, and tells what it was asked for. */
export interface HeldSpillStore extends SpillStore {
  readonly kept: ReadonlyMap<string, string>;
  /** Contexts that were on their way at the same time, at most. */
  readonly mostSaving: number;
  failure: Error | undefined;
  /** Lets everything through from now on. */
  release(): void;
}

/** @param options.isHeld Whether what is saved is on its way until `release`. */
export function heldSpillStore({ isHeld = false }: { readonly isHeld?: boolean } = {}): HeldSpillStore {
  const kept = new Map<string, string>();
  const gate = Promise.withResolvers<void>();
  let [saving, mostSaving] = [0, 0];
  if (!isHeld) gate.resolve();
  const store: HeldSpillStore = {
    kept,
    failure: undefined,
    get mostSaving() {
      return mostSaving;
    },
    release: () => gate.resolve(),
    async save(key, text) {
      mostSaving = Math.max(mostSaving, ++saving);
      await gate.promise;
      saving--;
      if (store.failure) throw store.failure;
      kept.set(key, text);
    },
    load: async (key) => kept.get(key),
    drop: (key) => void kept.delete(key),
  };
  return store;
}
