import type { CacheName, CachePolicy } from '../../../shared/model/cache-words.ts';
import type { Clock } from '../../time/clock.ts';
import type { CacheFigures, LeaveReason } from '../cache-figures.ts';
import type { Cache, Loader, Pin } from '../cache.ts';
import { createCache } from '../create-cache.ts';

/** The limits of one cache, as settings give them. */
export interface CacheValues {
  readonly isEnabled: boolean;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly policy: CachePolicy;
  /** 0 for no limit of time. */
  readonly ttlMs: number;
}

/** What a named cache holds and did. `hits` are answers that were given; a value that did not hold any more is a miss. */
export interface NamedCacheFigures extends CacheFigures {
  readonly name: CacheName;
  readonly isEnabled: boolean;
  readonly ttlMs: number;
  /** Values found that did not hold any more: what they were made from had changed. */
  readonly outdated: number;
}

/** How a named cache is made. */
export interface NamedCacheOptions<Value> {
  readonly name: CacheName;
  readonly clock: Clock;
  readonly values: CacheValues;
  /** What a value takes, without its key. */
  readonly bytesOf: (value: Value) => number;
  readonly onLeave?: (key: string, value: Value, reason: LeaveReason) => void;
}

/**
 * One cache of the program: a bounded cache that can be switched off and be given all its limits anew while it is used.
 *
 * Switched off it knows nothing and keeps nothing.
 */
export class NamedCache<Value> {
  readonly name: CacheName;
  readonly #cache: Cache<Value>;
  #values: CacheValues;
  #outdated = 0;
  /** Hits that the cache itself counts as misses, less those that were no use. */
  #moreHits = 0;

  constructor({ name, clock, values, bytesOf, onLeave }: NamedCacheOptions<Value>) {
    const { maxEntries, maxBytes, policy } = values;
    this.name = name;
    this.#values = values;
    this.#cache = createCache({ clock, maxEntries, maxBytes, policy, bytesOf, onLeave, ttlMs: toTtlMs(values) });
  }

  get isEnabled(): boolean {
    return this.#values.isEnabled;
  }

  get ttlMs(): number {
    return this.#values.ttlMs;
  }

  find(key: string): Value | undefined {
    return this.isEnabled ? this.#cache.get(key) : undefined;
  }

  /** Whether it was kept. */
  keep(key: string, value: Value): boolean {
    return this.isEnabled && this.#cache.set(key, value);
  }

  /** Whether somebody is making the value of this key. */
  isLoading(key: string): boolean {
    return this.#cache.isLoading(key);
  }

  /** The value, from `loader` when there is none; whoever asks while it runs shares what comes of it. Whether it is on its caller asks. */
  load(key: string, loader: Loader<Value>): Promise<Value | undefined> {
    return this.#cache.load(key, loader);
  }

  /** Notes that whoever waited for the load of another was served by what came of it: that counts as a hit. */
  countShared(): void {
    this.#moreHits += 1;
  }

  /** Notes that what was found was not given to anybody: that counts as a miss. */
  countUnused(): void {
    this.#moreHits -= 1;
  }

  /** Takes back a value that was answered and does not hold any more; one that is there since stays. */
  retract(key: string, value: Value, wasLoading = false): void {
    if (!wasLoading) {
      this.#outdated += 1;
      this.countUnused();
    }
    if (this.#cache.peek(key) === value) this.#cache.delete(key);
  }

  forget(key: string): void {
    this.#cache.delete(key);
  }

  pin(key: string): Pin<Value> | undefined {
    return this.#cache.pin(key);
  }

  sweep(count: number): void {
    this.#cache.sweep(count);
  }

  /**
   * Takes over new limits. Resolves when they hold, pinned values aside.
   *
   * @param keepsWhenOff Whether being switched off leaves what is in it; it is forgotten otherwise.
   * @throws {AppError} INPUT_INVALID when a limit is out of its bounds.
   */
  async reconfigure(values: CacheValues, keepsWhenOff = false): Promise<void> {
    const before = this.#values;
    const { maxEntries, maxBytes, policy, isEnabled } = values;
    const isResized = maxEntries !== before.maxEntries || maxBytes !== before.maxBytes;
    const resized = isResized ? this.#cache.resize({ maxEntries, maxBytes }) : undefined;
    this.#cache.setTtl(toTtlMs(values));
    this.#values = values;
    if (!isEnabled && !keepsWhenOff) this.#cache.clear();
    if (policy !== before.policy) await this.#cache.setPolicy(policy);
    await resized;
  }

  /** What it holds and did since it was made. */
  figures(): NamedCacheFigures {
    const figures = this.#cache.figures();
    const { name, isEnabled } = this;
    const [hits, misses] = [figures.hits + this.#moreHits, figures.misses - this.#moreHits];
    return { ...figures, name, isEnabled, ttlMs: this.#values.ttlMs, outdated: this.#outdated, hits, misses };
  }
}

function toTtlMs({ ttlMs }: CacheValues): number {
  return ttlMs === 0 ? Infinity : ttlMs;
}
