import { type AppError, isAppError, toAppError } from '../../shared/errors/app-error.ts';
import type { Connection, Host } from './connection.ts';
import type { Loaded } from './loaded.ts';
import { type PageBeat, pageBeat } from './page-beat.ts';

/** How a stream of the contract becomes one value. */
export interface StreamSpec<Item, Value> {
  readonly open: (host: Host, signal: AbortSignal) => AsyncIterable<Item>;
  /** Called anew at each (re)subscription, before its baseline. */
  readonly begin: () => Value;
  /** May change `value` in place and answer it: readers are told once a frame, with a new wrapper. */
  readonly fold: (value: Value, item: Item) => Value;
}

/**
 * One subscription of a visible view: open while it has listeners, the page is visible and the host is there.
 *
 * Listeners are called at most once a frame. After a lost connection it subscribes again and keeps what it had as `stale`
 * until the new baseline arrives.
 */
export class StreamStore<Item, Value> {
  readonly #connection: Connection;
  readonly #page: PageBeat;
  readonly #spec: StreamSpec<Item, Value>;
  readonly #listeners = new Set<() => void>();
  #shown: Loaded<Value> = { kind: 'loading' };
  #next: Loaded<Value> = { kind: 'loading' };
  #abort: AbortController | undefined;
  #host: Host | undefined;
  /** The stream has said everything: nothing is asked again unless the host changes. */
  #isComplete = false;

  constructor(connection: Connection, spec: StreamSpec<Item, Value>, page: PageBeat = pageBeat) {
    this.#connection = connection;
    this.#spec = spec;
    this.#page = page;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#leave();
    };
  };

  readonly snapshot = (): Loaded<Value> => this.#shown;

  readonly #look = (): void => {
    const { state } = this.#connection;
    if (state.kind !== 'open' || !this.#page.isVisible()) {
      if (state.kind !== 'open') this.#goStale();
      return this.#stop();
    }
    if (this.#abort && this.#host === state.host) return;
    if (this.#isComplete && this.#host === state.host) return;
    this.#stop();
    this.#host = state.host;
    this.#isComplete = false;
    void this.#read(state.host, (this.#abort = new AbortController()));
  };

  #leaveConnection: (() => void) | undefined;
  #leavePage: (() => void) | undefined;

  #begin(): void {
    this.#leaveConnection = this.#connection.subscribe(this.#look);
    this.#leavePage = this.#page.onVisibility(this.#look);
    this.#look();
  }

  #leave(): void {
    this.#leaveConnection?.();
    this.#leavePage?.();
    this.#stop();
    this.#host = undefined;
  }

  #stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #read(host: Host, abort: AbortController): Promise<void> {
    let value = this.#spec.begin();
    try {
      for await (const item of this.#spec.open(host, abort.signal)) {
        if (abort.signal.aborted) return;
        value = this.#spec.fold(value, item);
        this.#show({ kind: 'ready', value });
      }
      this.#isComplete = !abort.signal.aborted;
      if (this.#isComplete) this.#show({ kind: 'ready', value });
    } catch (error) {
      if (!abort.signal.aborted) this.#fail(toAppError(error));
    } finally {
      if (this.#abort === abort) this.#abort = undefined;
    }
  }

  #fail(error: AppError): void {
    if (isAppError(error, 'INSTANCE_UNREACHABLE')) return this.#goStale();
    const retry = (): void => {
      this.#host = undefined;
      this.#show({ kind: 'loading' });
      this.#look();
    };
    this.#isComplete = true;
    this.#show({ kind: 'failed', error, retry });
  }

  #goStale(): void {
    if (this.#next.kind === 'ready') this.#show({ kind: 'stale', value: this.#next.value, sinceMs: Date.now() });
  }

  #show(next: Loaded<Value>): void {
    this.#next = next;
    this.#page.inNextFrame(this.#notify);
  }

  readonly #notify = (): void => {
    this.#shown = this.#next;
    for (const listener of this.#listeners) listener();
  };
}
