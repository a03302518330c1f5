import { expect, test } from 'vitest';
import { ObjectPool } from '../../../runtime/memory/pools/object-pool.ts';

interface Scratch {
  words: string[];
}
const openPool = (maxIdle: number) =>
  new ObjectPool<Scratch>({ create: () => ({ words: [] }), reset: (one) => (one.words.length = 0) }, { maxIdle });

test('an object is as good as new when it is handed out again, not before', () => {
  const pool = openPool(1);
  const first = pool.acquire();
  pool.release(first);
  // Written to after its release, which is wrong but happens.
  first.words.push('late');
  expect(pool.acquire()).toBe(first);
  expect(first.words).toEqual([]);
});

test('it keeps at most what it was told and counts what it did', () => {
  const pool = openPool(2);
  const three = [pool.acquire(), pool.acquire(), pool.acquire()];
  for (const one of three) pool.release(one);
  pool.acquire();
  expect(pool.stats()).toEqual({
    maxIdle: 2,
    idleCount: 1,
    heldCount: 1,
    createdCount: 3,
    reusedCount: 1,
    discardedCount: 1,
  });
  pool.configure({ maxIdle: 0 });
  expect(pool.stats()).toMatchObject({ idleCount: 0, discardedCount: 2 });
});

test('what nobody holds cannot be released: not twice, and not to another pool', () => {
  const pool = openPool(2);
  const one = pool.acquire();
  pool.release(one);
  expect(() => pool.release(one)).toThrow(expect.objectContaining({ code: 'POOL_MISUSED' }));
  expect(() => pool.release({ words: [] })).toThrow(expect.objectContaining({ code: 'POOL_MISUSED' }));
  expect(pool.stats()).toMatchObject({ idleCount: 1, heldCount: 0 });
});

test('an object lent for a call comes back also when the call fails', () => {
  const pool = openPool(1);
  expect(() =>
    pool.use(() => {
      throw new Error('broken');
    }),
  ).toThrow('broken');
  expect(pool.use((one) => one.words.push('a'))).toBe(1);
  expect(pool.stats()).toMatchObject({ heldCount: 0, createdCount: 1, reusedCount: 1 });
  pool.trim();
  expect(pool.stats()).toMatchObject({ idleCount: 0, discardedCount: 1 });
});

test.each([-1, 0.5, NaN, 1_000_001])('a bound of %d is refused and the old one holds', (maxIdle) => {
  const pool = openPool(3);
  expect(() => pool.configure({ maxIdle })).toThrow(expect.objectContaining({ code: 'SETTING_INVALID' }));
  expect(pool.stats().maxIdle).toBe(3);
});
