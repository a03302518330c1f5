/**
 * Where what does not fit into memory is put until it is asked for again; implemented by whoever hosts the runtime.
 *
 * Nothing in it outlives the program: what a session needs after a crash is in history.
 */
export interface SpillStore {
  /** Keeps a text, in place of what the key had; resolves when it may be forgotten here. */
  save(key: string, text: string): Promise<void>;
  /** `undefined` when the key has none. */
  load(key: string): Promise<string | undefined>;
  /** Forgets a key; one that has nothing is fine. */
  drop(key: string): void;
}
