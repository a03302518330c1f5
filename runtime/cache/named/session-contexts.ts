import type { Message } from '../../../shared/model/conversation.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Clock, Timer } from '../../time/clock.ts';
import type { Pin } from '../cache.ts';
import { NamedCache, type CacheValues, type NamedCacheFigures } from './named-cache.ts';
import { OutgoingContexts } from './outgoing-contexts.ts';
import type { SpillStore } from './spill-store.ts';

/** What a message takes beside its text: its object, its ids, its place in the list. */
const MESSAGE_BYTES = 200;
/** Looks for contexts whose time is over this often, as a share of that time; and so many of them at a look. */
const SWEEPS_PER_TTL = 4;
const SHORTEST_SWEEP_MS = 100;
const SWEPT_ENTRIES = 2_000;

/** The messages of a session and their size in characters. */
export interface ContextContent {
  readonly messages: readonly Message[];
  readonly chars: number;
}

/** Where the context of one session is; its owner uses it from one place at a time. */
export interface SessionContext extends Disposable {
  /** The context has grown to this: it is counted with its new size. */
  hold(content: ContextContent): void;
  /**
   * Leaves the context to the cache, which may move it to history, until `wake`. Answers false when the cache is off and the
   * context stays with its owner.
   */
  rest(content: ContextContent): boolean;
  /** The context as it was, from wherever it is. @throws {AppError} what the store failed with. */
  wake(): Promise<ContextContent>;
}

/** How many contexts went to history and came back. */
export interface SpillFigures {
  readonly spilled: number;
  readonly broughtBack: number;
  /** That could not be written and stay in memory above the limits. */
  readonly unwritable: number;
}

/** What it is made with; without a store nothing ever leaves memory. */
export interface SessionContextsOptions {
  readonly clock: Clock;
  readonly values: CacheValues;
  readonly store: SpillStore | undefined;
}

/**
 * The contexts of sessions: pinned while their agents run; those of paused ones may be moved to the store when there are more
 * than the limits allow or they have rested for long, and come back when their agents go on.
 *
 * No context is ever lost to a limit: running ones that do not fit stay with their owners and are counted as refused, and what
 * cannot be written stays in memory.
 */
export class SessionContexts implements Disposable {
  readonly #cache: NamedCache<ContextContent>;
  readonly #clock: Clock;
  readonly #store: SpillStore | undefined;
  /** Sessions whose contexts nobody but this holds. */
  readonly #resting = new Set<string>();
  readonly #outgoing: OutgoingContexts;
  #broughtBack = 0;
  #sweep: Timer | undefined;

  constructor({ clock, values, store }: SessionContextsOptions) {
    this.#clock = clock;
    this.#store = store;
    this.#outgoing = new OutgoingContexts(store);
    const onLeave = (key: string, content: ContextContent): void => {
      if (this.#resting.has(key)) this.#outgoing.add(key, content);
    };
    this.#cache = new NamedCache({ name: 'sessionContexts', clock, values, bytesOf, onLeave });
  }

  /** A place for the context of a session. Disposing of it forgets the context, wherever it is. */
  open(key: string): SessionContext {
    return new HeldContext(this, key);
  }

  figures(): NamedCacheFigures & SpillFigures {
    const { written: spilled, unwritable } = this.#outgoing;
    return { ...this.#cache.figures(), spilled, broughtBack: this.#broughtBack, unwritable };
  }

  /** Contexts that rest already stay where they are when it is switched off. */
  async reconfigure(values: CacheValues): Promise<void> {
    await this.#cache.reconfigure(values, true);
    this.#stopSweeping();
    if (this.#resting.size > 0) this.#sweepLater();
  }

  [Symbol.dispose](): void {
    this.#stopSweeping();
  }

  /** Keeps a context and pins it; `undefined` when there is no room for it, or the cache is off. */
  pin(key: string, content: ContextContent): Pin<ContextContent> | undefined {
    return this.#cache.keep(key, content) ? this.#cache.pin(key) : undefined;
  }

  /** A pinned context is counted with its new size. */
  resize(key: string, content: ContextContent): void {
    this.#cache.keep(key, content);
  }

  /** Lets a context rest that its owner has let go of; answers whether it did. */
  rest(key: string, content: ContextContent): boolean {
    if (!this.#cache.isEnabled || this.#store === undefined) return false;
    this.#resting.add(key);
    if (!this.#cache.keep(key, content)) this.#outgoing.add(key, content);
    this.#sweepLater();
    return true;
  }

  /** Takes a resting context from wherever it is. */
  async wake(key: string): Promise<ContextContent> {
    const content = this.#outgoing.find(key) ?? (await this.#cache.load(key, () => this.#bringBack(key)));
    this.#resting.delete(key);
    this.#outgoing.delete(key);
    if (content === undefined) throw new AppError('INTERNAL', `The context of session ${key} is gone.`);
    return content;
  }

  /** Forgets what there is of a context. */
  forget(key: string): void {
    this.#resting.delete(key);
    this.#cache.forget(key);
    this.#outgoing.delete(key);
    if (this.#outgoing.wasWritten(key)) this.#store?.drop(key);
  }

  async #bringBack(key: string): Promise<ContextContent | undefined> {
    // Asking for it may have shown that its time is over, and then it has just left.
    const leaving = this.#outgoing.find(key);
    if (leaving !== undefined) return leaving;
    const text = await this.#store?.load(key);
    if (text === undefined) return undefined;
    this.#broughtBack += 1;
    return JSON.parse(text) as ContextContent;
  }

  #sweepLater(): void {
    const { ttlMs } = this.#cache;
    if (ttlMs === 0 || this.#sweep !== undefined) return;
    this.#sweep = this.#clock.after(Math.max(SHORTEST_SWEEP_MS, ttlMs / SWEEPS_PER_TTL), () => {
      this.#sweep = undefined;
      this.#cache.sweep(SWEPT_ENTRIES);
      if (this.#resting.size > 0) this.#sweepLater();
    });
    this.#sweep.keepAlive(false);
  }

  #stopSweeping(): void {
    this.#sweep?.[Symbol.dispose]();
    this.#sweep = undefined;
  }
}

class HeldContext implements SessionContext {
  readonly #contexts: SessionContexts;
  readonly #key: string;
  #pin: Pin<ContextContent> | undefined;

  constructor(contexts: SessionContexts, key: string) {
    this.#contexts = contexts;
    this.#key = key;
  }

  hold(content: ContextContent): void {
    if (this.#pin === undefined) this.#pin = this.#contexts.pin(this.#key, content);
    else this.#contexts.resize(this.#key, content);
  }

  rest(content: ContextContent): boolean {
    this.#letGo();
    const isResting = this.#contexts.rest(this.#key, content);
    if (!isResting) this.hold(content);
    return isResting;
  }

  async wake(): Promise<ContextContent> {
    const content = await this.#contexts.wake(this.#key);
    this.hold(content);
    return content;
  }

  [Symbol.dispose](): void {
    this.#letGo();
    this.#contexts.forget(this.#key);
  }

  #letGo(): void {
    this.#pin?.[Symbol.dispose]();
    this.#pin = undefined;
  }
}

function bytesOf({ messages, chars }: ContextContent): number {
  // Two bytes a character, which text beyond Latin-1 takes.
  return chars * 2 + messages.length * MESSAGE_BYTES;
}
