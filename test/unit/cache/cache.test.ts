import { describe, expect, test } from 'vitest';
import type { CacheOptions } from '../../../runtime/cache/cache.ts';
import { createCache } from '../../../runtime/cache/create-cache.ts';
import { POLICY_KINDS } from '../../../runtime/cache/policies/create-policy.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';

function open(options: Partial<CacheOptions<string>> = {}) {
  const clock = manualClock();
  const bytesOf = (value: string): number => value.length;
  return { clock, cache: createCache({ clock, maxEntries: 10, maxBytes: 1_000_000, bytesOf, ...options }) };
}

/** A loader that is held until told. */
function heldLoader() {
  const calls: PromiseWithResolvers<string | undefined>[] = [];
  const loader = (): Promise<string | undefined> => {
    const call = Promise.withResolvers<string | undefined>();
    calls.push(call);
    return call.promise;
  };
  return { calls, loader };
}

const fill = (cache: { set(key: string, value: string): boolean }, count: number): void => {
  for (let at = 0; at < count; at++) cache.set(`k${at}`, `v${at}`);
};

describe('bounds', () => {
  test('hold what is kept to entries and to bytes, and say why something left', () => {
    const { cache } = open({ policy: 'lru' });
    fill(cache, 12);
    expect(cache.get('k1')).toBeUndefined();
    expect(cache.get('k11')).toBe('v11');
    cache.set('large', 'x'.repeat(999_000));
    const { entries, bytes, left } = cache.figures();
    expect(bytes).toBeLessThanOrEqual(1_000_000);
    expect(entries).toBeGreaterThan(1);
    expect([left.entries, left.bytes > 0]).toEqual([3, false]);
    cache.set('other', 'x'.repeat(5_000));
    expect(cache.figures().left.bytes).toBeGreaterThan(0);
  });

  test('refuse what is larger than the cache, and then the key has no value', () => {
    const { cache } = open();
    fill(cache, 5);
    expect(cache.set('k1', 'x'.repeat(1_000_000))).toBe(false);
    expect(cache.get('k1')).toBeUndefined();
    expect(cache.set('new', 'x'.repeat(1_000_000))).toBe(false);
    expect(cache.figures()).toMatchObject({ entries: 4, refused: 2, left: { replaced: 1, entries: 0, bytes: 0 } });
  });

  test.each([
    { maxEntries: 0 },
    { maxEntries: 1.5 },
    { maxEntries: 20_000_000 },
    { maxBytes: 0 },
    { ttlMs: -1 },
    { staleMs: Number.NaN },
    { negativeTtlMs: 2 ** 41 },
  ])('that cannot be are refused: %o', (wrong) => {
    expect(() => open(wrong)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });
});

describe('time', () => {
  test('ends the freshness of a value to the millisecond', async () => {
    const { cache, clock } = open({ ttlMs: 100 });
    cache.set('a', '1');
    await clock.advance(99);
    expect(cache.get('a')).toBe('1');
    await clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.figures()).toMatchObject({ entries: 0, hits: 1, misses: 1, left: { expired: 1 } });
  });

  test('frees what expired though nobody asks for it', async () => {
    const { cache, clock } = open({ ttlMs: 100, maxEntries: 1_000 });
    fill(cache, 500);
    await clock.advance(100);
    for (let at = 0; at < 260; at++) cache.set('one', 'x');
    expect(cache.figures().entries).toBe(1);
  });

  test('of a negative answer is its own', async () => {
    const { cache, clock } = open({ ttlMs: 1_000, negativeTtlMs: 50 });
    let count = 0;
    const nothing = async (): Promise<undefined> => void count++;
    await cache.load('a', nothing);
    await cache.load('a', nothing);
    expect([count, cache.figures().negativeHits]).toEqual([1, 1]);
    expect(cache.pin('a')).toBeUndefined();
    await clock.advance(50);
    await cache.load('a', nothing);
    expect(count).toBe(2);
    cache.set('a', 'now');
    expect(cache.get('a')).toBe('now');
  });
});

describe('loading', () => {
  test('runs one load for all who ask at once, and answers each', async () => {
    const { cache } = open();
    const { calls, loader } = heldLoader();
    const answers = [cache.load('a', loader), cache.load('a', loader), cache.load('a', loader)];
    await settleMicrotasks();
    expect(cache.figures().loads.running).toBe(1);
    calls[0]!.resolve('1');
    expect(await Promise.all(answers)).toEqual(['1', '1', '1']);
    expect(await cache.load('a', loader)).toBe('1');
    expect(calls.length).toBe(1);
    expect(cache.figures().loads).toMatchObject({ running: 0, ended: 1, failed: 0, joined: 2 });
  });

  test('gives its error to all who wait, keeps none of it, and loads again', async () => {
    const { cache } = open();
    const { calls, loader } = heldLoader();
    const answers = [cache.load('a', loader), cache.load('a', loader)];
    await settleMicrotasks();
    calls[0]!.reject(new Error('down'));
    for (const answer of await Promise.allSettled(answers)) expect(answer).toMatchObject({ status: 'rejected' });
    const again = cache.load('a', loader);
    await settleMicrotasks();
    calls[1]!.resolve('2');
    expect(await again).toBe('2');
    expect(cache.figures().loads).toMatchObject({ ended: 2, failed: 1 });
  });

  test('passes on what a loader throws at once', async () => {
    const { cache } = open();
    const thrower = (): never => {
      throw new Error('at once');
    };
    await expect(cache.load('a', thrower)).rejects.toThrow('at once');
    expect(await cache.load('a', async () => '1')).toBe('1');
  });

  test('answers a stale value at once and renews it once behind', async () => {
    const { cache, clock } = open({ ttlMs: 100, staleMs: 100 });
    const { calls, loader } = heldLoader();
    cache.set('a', 'old');
    await clock.advance(150);
    expect(await cache.load('a', loader)).toBe('old');
    expect(await cache.load('a', loader)).toBe('old');
    expect(cache.get('a')).toBeUndefined();
    expect(calls.length).toBe(1);
    calls[0]!.resolve('new');
    await settleMicrotasks();
    expect(cache.get('a')).toBe('new');
    expect(cache.figures().staleHits).toBe(2);
  });

  test('keeps the stale value when its renewal fails, and lets it go when its time is over', async () => {
    const { cache, clock } = open({ ttlMs: 100, staleMs: 100 });
    cache.set('a', 'old');
    await clock.advance(150);
    const fail = async (): Promise<never> => {
      throw new Error('down');
    };
    expect(await cache.load('a', fail)).toBe('old');
    await settleMicrotasks();
    expect(await cache.load('a', fail)).toBe('old');
    await settleMicrotasks();
    expect(cache.figures().loads.failed).toBe(2);
    await clock.advance(50);
    await expect(cache.load('a', fail)).rejects.toThrow('down');
    expect(cache.figures().entries).toBe(0);
  });

  test('never brings back what was set, deleted or cleared meanwhile', async () => {
    const { cache } = open();
    const { calls, loader } = heldLoader();
    const answers = ['set', 'deleted', 'cleared'].map((key) => cache.load(key, loader));
    await settleMicrotasks();
    cache.set('set', 'newer');
    cache.delete('deleted');
    for (const call of calls.slice(0, 2)) call.resolve('older');
    await settleMicrotasks();
    expect([cache.get('set'), cache.get('deleted')]).toEqual(['newer', undefined]);
    cache.clear();
    calls[2]!.resolve('older');
    expect(await Promise.all(answers)).toEqual(['older', 'older', 'older']);
    expect(cache.figures().entries).toBe(0);
  });

  test('tells how long loads took', async () => {
    const { cache, clock } = open();
    expect(cache.figures().loads.p50Ms).toBeUndefined();
    const { calls, loader } = heldLoader();
    const answer = cache.load('a', loader);
    await clock.advance(200);
    calls[0]!.resolve('1');
    await answer;
    const { p50Ms = 0, p99Ms = 0 } = cache.figures().loads;
    expect([Math.round(p50Ms / 10), Math.round(p99Ms / 10)]).toEqual([20, 20]);
  });
});

describe.each(POLICY_KINDS)('pins under %s', (policy) => {
  test('keep an entry until the last is released, whatever comes', () => {
    const { cache } = open({ policy });
    cache.set('p', 'kept');
    const first = cache.pin('p')!;
    const second = cache.pin('p')!;
    fill(cache, 1_000);
    expect([cache.get('p'), first.value]).toEqual(['kept', 'kept']);
    expect(cache.delete('p')).toBe(false);
    cache.clear();
    expect(cache.get('p')).toBe('kept');
    expect(cache.figures()).toMatchObject({ entries: 1, pinnedEntries: 1 });
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    fill(cache, 1_000);
    expect(cache.get('p')).toBe('kept');
    second[Symbol.dispose]();
    expect(cache.figures()).toMatchObject({ pinnedEntries: 0, pinnedBytes: 0 });
    expect(cache.delete('p')).toBe(true);
  });
});

describe('pins', () => {
  test('leave no room when everything is pinned: the next value is refused', () => {
    const { cache } = open({ maxEntries: 2 });
    fill(cache, 2);
    const pins = ['k0', 'k1'].map((key) => cache.pin(key)!);
    expect(cache.set('more', 'x')).toBe(false);
    expect(cache.set('k0', 'y'.repeat(2_000_000))).toBe(false);
    expect(cache.get('k0')).toBe('v0');
    expect(cache.set('k0', 'z')).toBe(true);
    pins[0]![Symbol.dispose]();
    expect(cache.set('more', 'x')).toBe(true);
    expect(cache.get('k1')).toBe('v1');
  });

  test('hold a cache above lowered limits until they are released', async () => {
    const { cache } = open();
    fill(cache, 10);
    const pins = Array.from({ length: 5 }, (_, at) => cache.pin(`k${at}`)!);
    await cache.resize({ maxEntries: 2, maxBytes: 1_000_000 });
    expect(cache.figures()).toMatchObject({ entries: 5, isDraining: true });
    for (const pin of pins) pin[Symbol.dispose]();
    await cache.resize({ maxEntries: 2, maxBytes: 1_000_000 });
    expect(cache.figures()).toMatchObject({ entries: 2, isDraining: false, left: { resize: 8 } });
  });

  test('outlast the time of their entry, which goes with the last of them', async () => {
    const { cache, clock } = open({ ttlMs: 100 });
    cache.set('p', 'kept');
    const pin = cache.pin('p')!;
    await clock.advance(200);
    expect([cache.get('p'), cache.pin('p'), cache.figures().entries]).toEqual([undefined, undefined, 1]);
    pin[Symbol.dispose]();
    expect(cache.figures().entries).toBe(0);
  });
});

describe('a change while it is used', () => {
  test('of the size lets entries go in slices and never lets it grow meanwhile', async () => {
    const { cache } = open({ maxEntries: 20_000 });
    fill(cache, 20_000);
    const resized = cache.resize({ maxEntries: 1_000, maxBytes: 1_000_000 });
    const [before, { isDraining }] = [cache.figures().entries, cache.figures()];
    expect([before > 1_000, isDraining]).toEqual([true, true]);
    cache.set('new', 'x');
    expect(cache.figures().entries).toBeLessThanOrEqual(before);
    await resized;
    expect(cache.figures()).toMatchObject({ entries: 1_000, isDraining: false });
    await cache.resize({ maxEntries: 5_000, maxBytes: 1_000_000 });
    fill(cache, 20_000);
    expect(cache.figures().entries).toBe(5_000);
  });

  test('that is refused changes nothing', async () => {
    const { cache } = open();
    fill(cache, 10);
    await expect(cache.resize({ maxEntries: 5, maxBytes: -1 })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    expect(cache.figures()).toMatchObject({ entries: 10, limits: { maxEntries: 10, maxBytes: 1_000_000 } });
  });

  test('of the policy keeps every entry, and the order as far as it has one', async () => {
    const { cache } = open({ policy: 'lru', maxEntries: 1_000 });
    fill(cache, 1_000);
    for (const kind of [...POLICY_KINDS, 'sieve', 'lru'] as const) {
      const done = cache.setPolicy(kind);
      expect(cache.get('k999')).toBe('v999');
      await done;
      expect(cache.figures()).toMatchObject({ entries: 1_000, policy: { wanted: kind, effective: kind } });
    }
    fill(cache, 1_000);
    await cache.setPolicy('segmented-lru');
    await cache.setPolicy('lru');
    cache.set('new', 'x');
    expect([cache.get('k0'), cache.get('k1')]).toEqual([undefined, 'v1']);
  });

  test.each(POLICY_KINDS)(
    'of the policy from %s, half-way, loses track of nothing that is used, deleted or added',
    async (kind) => {
      for (const next of POLICY_KINDS) {
        const { cache } = open({ policy: kind, maxEntries: 500 });
        fill(cache, 500);
        const done = cache.setPolicy(next);
        for (let at = 0; at < 500; at += 3) cache.get(`k${at}`);
        for (let at = 0; at < 500; at += 7) cache.delete(`k${at}`);
        fill(cache, 700);
        await done;
        expect(cache.figures()).toMatchObject({ entries: 500, policy: { effective: next } });
        await cache.resize({ maxEntries: 1, maxBytes: 1 });
        expect(cache.figures()).toMatchObject({ entries: 0, bytes: 0 });
      }
    },
  );

  test('of the policy during another one ends with the last', async () => {
    const { cache } = open({ policy: 'lru', maxEntries: 1_000 });
    fill(cache, 1_000);
    const changes = [cache.setPolicy('sieve'), cache.setPolicy('s3-fifo'), cache.setPolicy('lru-k')];
    expect(cache.figures().policy).toEqual({ wanted: 'lru-k', effective: 'lru' });
    await Promise.all(changes);
    expect(cache.figures()).toMatchObject({ entries: 1_000, policy: { wanted: 'lru-k', effective: 'lru-k' } });
  });
});

test('a forecast tells what half and twice the size would do', () => {
  const { cache } = open({ policy: 'lru', maxEntries: 4_000 });
  expect(cache.figures().forecast).toBeUndefined();
  // A loop of 6,000 keys: nothing hits in 2,000 or 4,000 entries, all in 8,000.
  for (let at = 0; at < 60_000; at++) {
    const key = `k${at % 6_000}`;
    if (cache.get(key) === undefined) cache.set(key, 'x');
  }
  const { halfRatio = 1, sameRatio = 1, twiceRatio = 0 } = cache.figures().forecast ?? {};
  expect(halfRatio).toBeLessThan(0.1);
  expect(sameRatio).toBeLessThan(0.1);
  expect(twiceRatio).toBeGreaterThan(0.8);
});

describe('a limit of time that changes', () => {
  test('holds for what is in it: from when it was kept, or from the change where that is not known', async () => {
    const { cache, clock } = open();
    cache.set('old', 'x');
    await clock.advance(5_000);
    cache.setTtl(1_000);
    await clock.advance(600);
    cache.set('new', 'y');
    await clock.advance(600);
    expect([cache.get('old'), cache.get('new')]).toEqual([undefined, 'y']);
    cache.setTtl(500);
    expect(cache.get('new')).toBeUndefined();
    expect(cache.figures().left.expired).toBe(2);
  });

  test('that is taken away keeps everything', async () => {
    const { cache, clock } = open({ ttlMs: 1_000 });
    cache.set('a', 'x');
    cache.setTtl(Infinity);
    await clock.advance(1_000_000);
    expect(cache.get('a')).toBe('x');
    expect(() => cache.setTtl(-1)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  test('lets go of what nobody asks for when it is swept, so many entries at a time', async () => {
    const { cache, clock } = open({ ttlMs: 1_000 });
    fill(cache, 8);
    await clock.advance(2_000);
    cache.sweep(3);
    expect(cache.figures().entries).toBe(5);
    cache.sweep(100);
    expect(cache.figures()).toMatchObject({ entries: 0, left: { expired: 8 } });
  });
});

test('whoever made it is told of each value that leaves, and why', async () => {
  const told: string[] = [];
  const { cache, clock } = open({
    maxEntries: 2,
    policy: 'lru',
    ttlMs: 1_000,
    onLeave: (key, value, reason) => void told.push(`${key} ${value} ${reason}`),
  });
  fill(cache, 3);
  cache.delete('k1');
  await clock.advance(2_000);
  cache.get('k2');
  expect(told).toEqual(['k0 v0 entries', 'k1 v1 deleted', 'k2 v2 expired']);
});
