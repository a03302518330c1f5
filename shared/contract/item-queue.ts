/** How an `ItemQueue` talks to what fills it. */
export interface ItemQueueOptions {
  /** Called with how many items were taken since the last call, so that as many may be sent. */
  readonly onTaken: (items: number) => void;
  /** Called when the reader leaves before the end. */
  readonly onClosed: () => void;
  /** Items taken before they are reported together. */
  readonly ackAfter: number;
}

/**
 * The receiving end of a stream: items in order, for one reader with `for await`.
 *
 * Holds at most the credit it was opened with, because the sender waits for `onTaken`. An error
 * arrives after the items before it.
 */
export class ItemQueue implements AsyncIterableIterator<unknown> {
  readonly #options: ItemQueueOptions;
  #items: unknown[] = [];
  #next = 0;
  #taken = 0;
  #state: { kind: 'open' } | { kind: 'ended' } | { kind: 'failed'; error: Error } = { kind: 'open' };
  #waiting: PromiseWithResolvers<IteratorResult<unknown>> | undefined;

  constructor(options: ItemQueueOptions) {
    this.#options = options;
  }

  push(item: unknown): void {
    if (this.#state.kind !== 'open') return;
    this.#items.push(item);
    this.#wake();
  }

  finish(): void {
    if (this.#state.kind === 'open') this.#state = { kind: 'ended' };
    this.#wake();
  }

  fail(error: Error): void {
    if (this.#state.kind === 'open') this.#state = { kind: 'failed', error };
    this.#wake();
  }

  next(): Promise<IteratorResult<unknown>> {
    this.#waiting = Promise.withResolvers();
    const { promise } = this.#waiting;
    this.#wake();
    return promise;
  }

  async return(): Promise<IteratorResult<unknown>> {
    if (this.#state.kind === 'open') this.#options.onClosed();
    this.#state = { kind: 'ended' };
    this.#items = [];
    this.#next = 0;
    this.#wake();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    if (this.#next < this.#items.length) {
      this.#waiting = undefined;
      waiting.resolve({ done: false, value: this.#take() });
    } else if (this.#state.kind === 'failed') {
      const { error } = this.#state;
      this.#waiting = undefined;
      this.#state = { kind: 'ended' };
      waiting.reject(error);
    } else if (this.#state.kind === 'ended') {
      this.#waiting = undefined;
      waiting.resolve({ done: true, value: undefined });
    }
  }

  #take(): unknown {
    const item = this.#items[this.#next++];
    if (this.#next === this.#items.length) {
      this.#items = [];
      this.#next = 0;
    }
    if (++this.#taken >= this.#options.ackAfter && this.#state.kind === 'open') {
      this.#options.onTaken(this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}
