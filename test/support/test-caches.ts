import type { CacheValues } from '../../runtime/cache/named/named-cache.ts';
import { createNamedCaches, type CachesValues, type NamedCaches } from '../../runtime/cache/named/named-caches.ts';
import type { SpillStore } from '../../runtime/cache/named/spill-store.ts';
import { systemClock, type Clock } from '../../runtime/time/clock.ts';
import { CACHE_NAMES, type CacheName } from '../../shared/model/cache-words.ts';

const WIDE: CacheValues = { isEnabled: true, maxEntries: 1_000, maxBytes: 10_000_000, policy: 'lru', ttlMs: 0 };

/** Values for every cache, wide but for what a test changes of one. */
export function cachesValues(changes: { readonly [Name in CacheName]?: Partial<CacheValues> } = {}): CachesValues {
  return Object.fromEntries(
    CACHE_NAMES.map((name) => [name, { ...WIDE, ...changes[name] }]),
  ) as unknown as CachesValues;
}

/** The caches of the program, wide and empty. */
export function testCaches(
  changes: Parameters<typeof cachesValues>[0] = {},
  options: { readonly clock?: Clock; readonly spillStore?: SpillStore } = {},
): NamedCaches {
  const { clock = systemClock, spillStore } = options;
  return createNamedCaches({ clock, values: cachesValues(changes), spillStore });
}
