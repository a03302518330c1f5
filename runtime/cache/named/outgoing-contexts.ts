import type { ContextContent } from './session-contexts.ts';
import type { SpillStore } from './spill-store.ts';

/** Contexts being written at a time: each is made into text on the caller's thread, a millisecond for a large one. */
const MAX_WRITING = 4;

/** Contexts on their way from memory to the store; each can be had back until it is written. */
export class OutgoingContexts {
  /** Contexts that were written, and those that could not be and stay here. */
  written = 0;
  unwritable = 0;
  readonly #store: SpillStore | undefined;
  readonly #leaving = new Map<string, ContextContent>();
  readonly #waiting: string[] = [];
  /** Keys that the store was ever given. */
  readonly #known = new Set<string>();
  #writing = 0;

  constructor(store: SpillStore | undefined) {
    this.#store = store;
  }

  add(key: string, content: ContextContent): void {
    if (this.#leaving.get(key) === content) return;
    this.#leaving.set(key, content);
    this.#waiting.push(key);
    this.#writeNext();
  }

  find(key: string): ContextContent | undefined {
    return this.#leaving.get(key);
  }

  delete(key: string): void {
    this.#leaving.delete(key);
  }

  /** Whether the store may have something under the key; it is taken to have nothing from now on. */
  wasWritten(key: string): boolean {
    return this.#known.delete(key);
  }

  #writeNext(): void {
    while (this.#writing < MAX_WRITING) {
      const key = this.#waiting.shift();
      if (key === undefined) return;
      const content = this.#leaving.get(key);
      if (content !== undefined) void this.#write(key, content);
    }
  }

  async #write(key: string, content: ContextContent): Promise<void> {
    if (this.#store === undefined) return;
    this.#writing += 1;
    this.#known.add(key);
    try {
      await this.#store.save(key, JSON.stringify(content));
      this.written += 1;
      // It may have been woken meanwhile, and have come to rest again with more in it.
      if (this.#leaving.get(key) === content) this.#leaving.delete(key);
    } catch {
      this.unwritable += 1;
    } finally {
      this.#writing -= 1;
      this.#writeNext();
    }
  }
}
