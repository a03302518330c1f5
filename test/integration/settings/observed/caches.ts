import { expect } from 'vitest';
import { systemClock } from '../../../../runtime/time/clock.ts';
import type { CacheName } from '../../../../shared/model/cache-words.ts';
import { openAnswers, openResults, openSchemas, type KeptValues, type OpenKeptValues } from './kept-values.ts';
import type { Observation, Observations } from './observation.ts';

type LoadedCache = Exclude<CacheName, 'sessionContexts'>;

/** The cache as it holds its values. */
function held({ test }: KeptValues, name: CacheName) {
  const { entries, bytes, evictions } = test.plane.caches().find((cache) => cache.name === name)!;
  return { entries, bytes, evictions };
}

/** Whether each of these keys had to be made when it was used, in this order. */
async function askAll(values: KeptValues, keys: string): Promise<string> {
  let made = '';
  for (const key of keys) if (await values.use(key as 'a')) made += key;
  return made;
}

function observeSwitch(name: LoadedCache, open: OpenKeptValues): Observation {
  return async () => {
    await using values = await open({});
    expect(await askAll(values, 'aa')).toBe('a');
    await values.test.set({ [`cache.${name}.enabled`]: false });
    expect(held(values, name)).toMatchObject({ entries: 0, bytes: 0 });
    expect(await askAll(values, 'aa')).toBe('aa');
    await values.test.set({ [`cache.${name}.enabled`]: true });
    expect(await askAll(values, 'aa')).toBe('a');
  };
}

function observeEntries(name: LoadedCache, open: OpenKeptValues): Observation {
  return async () => {
    await using values = await open({ [`cache.${name}.maxEntries`]: 1 });
    expect(await askAll(values, 'abab')).toBe('abab');
    expect(held(values, name)).toMatchObject({ entries: 1 });
    await values.test.set({ [`cache.${name}.maxEntries`]: 3 });
    expect(await askAll(values, 'abcabc')).toMatch(/^[ab]?[ab]?c$/);
    const before = held(values, name);
    expect(before.entries).toBe(3);
    await values.test.set({ [`cache.${name}.maxEntries`]: 1 });
    expect(held(values, name)).toMatchObject({ entries: 1, evictions: before.evictions + 2 });
  };
}

/** A value takes more than half of 64 KiB. */
function observeBytes(name: LoadedCache, open: OpenKeptValues): Observation {
  return async () => {
    await using values = await open({ [`cache.${name}.maxBytes`]: 65_536 });
    expect(await askAll(values, 'abab')).toBe('abab');
    expect(held(values, name).bytes).toBeGreaterThan(32_768);
    expect(held(values, name).bytes).toBeLessThanOrEqual(65_536);
    await values.test.set({ [`cache.${name}.maxBytes`]: 1_000_000 });
    await askAll(values, 'abc');
    expect(await askAll(values, 'abc')).toBe('');
    expect(held(values, name).bytes).toBeGreaterThan(65_536);
    await values.test.set({ [`cache.${name}.maxBytes`]: 65_536 });
    expect(held(values, name).bytes).toBeLessThanOrEqual(65_536);
  };
}

/** Of two places: what was used twice stays under one policy, what was used last under the other. */
function observePolicy(name: LoadedCache, open: OpenKeptValues): Observation {
  return async () => {
    const limits = { [`cache.${name}.maxEntries`]: 2 };
    for (const [policy, madeAgain] of [
      ['lru', 'a'],
      ['lru-k', ''],
    ] as const) {
      await using values = await open({ ...limits, [`cache.${name}.policy`]: policy === 'lru' ? 'lru-k' : 'lru' });
      await values.test.set({ [`cache.${name}.policy`]: policy });
      expect(await askAll(values, 'aabc')).toBe('abc');
      expect(await askAll(values, 'a')).toBe(madeAgain);
    }
  };
}

function observeTime(name: LoadedCache, open: OpenKeptValues): Observation {
  return async () => {
    await using values = await open({ [`cache.${name}.ttlMs`]: 0 });
    const usedLater = async (): Promise<boolean> => {
      await systemClock.sleep(20);
      return await values.use('a');
    };
    await values.use('a');
    expect(await usedLater()).toBe(false);
    await values.test.set({ [`cache.${name}.ttlMs`]: 10 });
    expect([await usedLater(), await usedLater()]).toEqual([true, true]);
    await values.test.set({ [`cache.${name}.ttlMs`]: 3_600_000 });
    await values.use('a');
    expect(await usedLater()).toBe(false);
  };
}

const schemas = ['toolSchemas', openSchemas] as const;
const results = ['toolResults', openResults] as const;
const answers = ['modelAnswers', openAnswers] as const;

export const loadedCacheObservations: Observations<'cache.toolSchemas' | 'cache.toolResults' | 'cache.modelAnswers'> = {
  'cache.toolSchemas.enabled': observeSwitch(...schemas),
  'cache.toolSchemas.maxEntries': observeEntries(...schemas),
  'cache.toolSchemas.maxBytes': observeBytes(...schemas),
  'cache.toolSchemas.policy': observePolicy(...schemas),
  'cache.toolSchemas.ttlMs': observeTime(...schemas),
  'cache.toolResults.enabled': observeSwitch(...results),
  'cache.toolResults.maxEntries': observeEntries(...results),
  'cache.toolResults.maxBytes': observeBytes(...results),
  'cache.toolResults.policy': observePolicy(...results),
  'cache.toolResults.ttlMs': observeTime(...results),
  'cache.modelAnswers.enabled': observeSwitch(...answers),
  'cache.modelAnswers.maxEntries': observeEntries(...answers),
  'cache.modelAnswers.maxBytes': observeBytes(...answers),
  'cache.modelAnswers.policy': observePolicy(...answers),
  'cache.modelAnswers.ttlMs': observeTime(...answers),
};
