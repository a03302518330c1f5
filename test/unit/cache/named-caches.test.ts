import { describe, expect, test } from 'vitest';
import { toCacheScope } from '../../../runtime/cache/named/cache-key.ts';
import type { CacheValues, NamedCache } from '../../../runtime/cache/named/named-cache.ts';
import type { NamedCaches } from '../../../runtime/cache/named/named-caches.ts';
import { CACHE_NAMES, CACHE_POLICIES } from '../../../shared/model/cache-words.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { cachesValues, testCaches } from '../../support/test-caches.ts';

/** A cache filled with what it holds in the program, through one way for all of them. */
interface Filled {
  keep(key: string): boolean;
  has(key: string): boolean;
}

const TEXT = 'x'.repeat(500);

function through<Value>(cache: NamedCache<Value>, value: Value): Filled {
  return { keep: (key) => cache.keep(key, value), has: (key) => cache.find(key) !== undefined };
}

const FILLED: Readonly<Record<'toolSchemas' | 'toolResults' | 'modelAnswers', (caches: NamedCaches) => Filled>> = {
  toolSchemas: ({ toolSchemas }) => through(toolSchemas, { name: 'x', description: TEXT, inputSchema: {} }),
  toolResults: ({ toolResults }) => through(toolResults, { text: TEXT, basis: '', outputBytes: undefined }),
  modelAnswers: ({ modelAnswers }) =>
    through(modelAnswers, { text: TEXT, toolCalls: [], finish: 'stop', usage: undefined, firstTokenMs: 1 }),
};
const NAMES = ['toolSchemas', 'toolResults', 'modelAnswers'] as const;

function fill(name: (typeof NAMES)[number], count: number) {
  const clock = manualClock();
  const caches = testCaches({}, { clock });
  const filled = FILLED[name](caches);
  const change = (values: Partial<CacheValues>): Promise<void> => caches.reconfigure(cachesValues({ [name]: values }));
  const figures = () => caches.figures().find((each) => each.name === name)!;
  for (let key = 0; key < count; key++) filled.keep(`k${key}`);
  return { clock, caches, filled, change, figures };
}

describe.each(NAMES)('%s while it is used', (name) => {
  test('lets entries go when fewer may be in it, and keeps more when more may', async () => {
    const { filled, change, figures } = fill(name, 100);
    await change({ maxEntries: 10 });
    expect(figures()).toMatchObject({ entries: 10, limits: { maxEntries: 10 }, left: { resize: 90 } });
    await change({ maxEntries: 50 });
    for (let key = 0; key < 100; key++) filled.keep(`n${key}`);
    expect(figures().entries).toBe(50);
  });

  test('lets entries go when it may take less memory', async () => {
    const { change, figures } = fill(name, 100);
    const { bytes } = figures();
    await change({ maxBytes: bytes / 10 });
    expect([9, 10]).toContain(figures().entries);
    expect(figures().bytes).toBeLessThanOrEqual(bytes / 10);
  });

  test('evicts by another rule when it has another policy', async () => {
    const evictedBy = async (policy: CacheValues['policy']): Promise<boolean> => {
      const { filled, change, figures } = fill(name, 10);
      await change({ policy });
      expect(figures().policy).toEqual({ wanted: policy, effective: policy });
      // Asked for again, and then many that come once.
      for (const key of ['k0', 'k1']) filled.has(key);
      for (let key = 0; key < 8; key++) filled.keep(`n${key}`);
      await change({ policy, maxEntries: 2 });
      return !filled.has('k0') && !filled.has('k1');
    };
    expect([await evictedBy('lru'), await evictedBy('segmented-lru')]).toEqual([true, false]);
  });

  test('forgets what is older than its time, of what is in it too', async () => {
    const { filled, clock, change } = fill(name, 1);
    await change({ ttlMs: 1_000 });
    await clock.advance(999);
    expect(filled.has('k0')).toBe(true);
    await clock.advance(1);
    expect(filled.has('k0')).toBe(false);
    filled.keep('k1');
    await change({ ttlMs: 0 });
    await clock.advance(1_000_000);
    expect(filled.has('k1')).toBe(true);
  });

  test('switched off keeps nothing and knows nothing, and begins empty when it is on again', async () => {
    const { filled, change, figures } = fill(name, 3);
    await change({ isEnabled: false });
    expect([filled.has('k0'), filled.keep('k9'), figures().entries]).toEqual([false, false, 0]);
    await change({});
    expect([filled.has('k0'), filled.keep('k0'), filled.has('k0')]).toEqual([false, true, true]);
  });
});

test('every cache tells its figures under its name', () => {
  const figures = testCaches().figures();
  expect(figures.map(({ name }) => name)).toEqual([...CACHE_NAMES]);
  expect(figures.every(({ isEnabled, hits, misses }) => isEnabled && hits === 0 && misses === 0)).toBe(true);
});

test('a limit that cannot be is refused', async () => {
  const caches = testCaches();
  const wrong = cachesValues({ toolResults: { maxEntries: 0 } });
  await expect(caches.reconfigure(wrong)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});

test.each([...CACHE_POLICIES])('under %s the bounds hold', (policy) => {
  const { toolResults } = testCaches({ toolResults: { policy, maxEntries: 5 } });
  for (let key = 0; key < 50; key++) toolResults.keep(`${key}`, { text: '', basis: '', outputBytes: undefined });
  expect(toolResults.figures().entries).toBe(5);
});

test('a fleet has its own scope unless it shares, and then that of all that do', () => {
  const cache = { toolResults: true, modelAnswers: false, share: false };
  const scopes = [
    toCacheScope({ path: '/a.yaml', cache }),
    toCacheScope({ path: '/b.yaml', cache }),
    toCacheScope({ path: '/a.yaml', cache: { ...cache, share: true } }),
    toCacheScope({ path: '/b.yaml', cache: { ...cache, share: true } }),
  ];
  expect(new Set(scopes).size).toBe(3);
  expect(scopes[2]).toBe(scopes[3]);
});
