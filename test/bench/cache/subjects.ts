import { createCache } from '../../../runtime/cache/create-cache.ts';
import type { PolicyKind } from '../../../runtime/cache/policies/create-policy.ts';
import { systemClock } from '../../../runtime/time/clock.ts';

/** What every cache is asked to do. */
export interface Subject {
  get(key: string): unknown;
  set(key: string, value: object): unknown;
}

/** Our default. */
export const OURS = 'ours, adaptive';
/** The rival of most targets. */
export const LRU_CACHE = 'lru-cache';

/** Ours with one of its policies; everything that a user gets is on. */
function ours(policy: PolicyKind) {
  return async (maxEntries: number): Promise<Subject> =>
    createCache<object>({ clock: systemClock, maxEntries, maxBytes: 2 ** 40, bytesOf: () => 64, policy });
}

/** Every cache by name, given the number of its entries. */
export const CACHES: Readonly<Record<string, (maxEntries: number) => Promise<Subject>>> = {
  [OURS]: ours('adaptive'),
  'ours, lru': ours('lru'),
  'ours, segmented-lru': ours('segmented-lru'),
  'ours, lru-k': ours('lru-k'),
  'ours, sieve': ours('sieve'),
  'ours, s3-fifo': ours('s3-fifo'),
  'ours, w-tinylfu': ours('w-tinylfu'),
  [LRU_CACHE]: async (max) => {
    const { LRUCache } = await import('lru-cache');
    return new LRUCache<string, object>({ max });
  },
  '@neophi/sieve-cache': async (max) => {
    const { SieveCache } = await import('@neophi/sieve-cache');
    return new SieveCache<string, object>(max);
  },
  'transitory (W-TinyLFU)': async (max) => {
    const { newCache } = await import('transitory');
    const cache = newCache<string, object>().maxSize(max).build();
    // It answers null where there is nothing.
    return { get: (key) => cache.getIfPresent(key) ?? undefined, set: (key, value) => cache.set(key, value) };
  },
  'ARC (after the paper)': async (max) => {
    const { ArcCache } = await import('./arc.ts');
    return new ArcCache(max);
  },
};

/** Names of all of ours. */
export const ALL_OURS = Object.keys(CACHES).filter((name) => name.startsWith('ours'));
