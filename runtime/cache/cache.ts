import type { Clock } from '../time/clock.ts';
import type { CacheFigures, LeaveReason } from './cache-figures.ts';
import type { PolicyKind } from './policies/create-policy.ts';

/** How much a cache may hold; both bounds hold at every moment. */
export interface CacheLimits {
  /** 1 to 16,000,000. */
  readonly maxEntries: number;
  /** Of all entries, each counted with its key and its own overhead; 1 and more. */
  readonly maxBytes: number;
}

/** What a cache is and where it comes from. */
export interface CacheOptions<Value> extends CacheLimits {
  readonly clock: Clock;
  /** What a value takes, without key and overhead; asked once for each value. */
  readonly bytesOf: (value: Value) => number;
  /** `adaptive` unless told. */
  readonly policy?: PolicyKind | undefined;
  /** How long a value is fresh; for ever unless told. */
  readonly ttlMs?: number | undefined;
  /** How long after that `load` still answers it while it loads the next; 0 unless told. */
  readonly staleMs?: number | undefined;
  /** How long it is remembered that a loader found nothing; not at all unless told. */
  readonly negativeTtlMs?: number | undefined;
  /** Called with each value that has left, cleared ones excepted, and why; it must not use the cache. */
  readonly onLeave?: ((key: string, value: Value, reason: LeaveReason) => void) | undefined;
}

/** Finds the value of a key; `undefined` when there is none. */
export type Loader<Value> = () => Promise<Value | undefined>;

/** Keeps an entry from being evicted until it is disposed of; disposing of it again does nothing. */
export interface Pin<Value> extends Disposable {
  readonly value: Value;
}

/**
 * Values by key, bounded in entries and in bytes; which of them go when room is needed is its policy's choice.
 *
 * Keys are hashed in full: give long ones as a digest. Everything but `load`, `resize` and `setPolicy` is synchronous.
 */
export interface Cache<Value> {
  /** The value while it is fresh. */
  get(key: string): Value | undefined;
  /**
   * Keeps a value in place of what the key had, evicting what it needs. Answers false, and then the key has no value, when it
   * is larger than the cache or pins leave no room for it; a pinned entry keeps its old value instead.
   */
  set(key: string, value: Value): boolean;
  /** Forgets a key, also one that is just being loaded. False when it had no entry, or a pinned one, which stays. */
  delete(key: string): boolean;
  /**
   * The value, from `loader` when there is none. However many ask at once, one load runs; each gets its value or its error.
   * Errors are not kept. What was set, deleted or cleared while a load ran is not undone by it.
   */
  load(key: string, loader: Loader<Value>): Promise<Value | undefined>;
  /** The value while it is fresh, as if nobody had asked: it counts as no use. */
  peek(key: string): Value | undefined;
  /** Whether a load of this key runs, which one more `load` would join. */
  isLoading(key: string): boolean;
  /** Pins the entry once more; `undefined` when there is no fresh one. Pinned entries count against the limits. */
  pin(key: string): Pin<Value> | undefined;
  /**
   * Changes the limits at once for what comes in; what is too much goes in slices of 2 ms, and meanwhile the cache never grows.
   * Resolves when the limits hold; pinned entries may keep it above until they are released.
   *
   * @throws {AppError} INPUT_INVALID; nothing was changed.
   */
  resize(limits: CacheLimits): Promise<void>;
  /** Changes the policy and keeps the entries, which move in slices. Resolves when they have, or were overtaken by `clear`. */
  setPolicy(kind: PolicyKind): Promise<void>;
  /**
   * Changes how long values are fresh, of those in it too: each counts from when it was kept, and from now where that is not
   * known, because there was no limit then.
   *
   * @throws {AppError} INPUT_INVALID; nothing was changed.
   */
  setTtl(ttlMs: number): void;
  /** Looks at up to `count` entries in turn and lets those go whose time is over, which otherwise go when they are met. */
  sweep(count: number): void;
  /** Forgets everything but pinned entries, at once. */
  clear(): void;
  figures(): CacheFigures;
}
