// oxlint-disable vitest/no-standalone-expect, vitest/expect-expect -- `Exercise` does the expecting
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pin } from '../../../runtime/cache/cache.ts';
import { createCache } from '../../../runtime/cache/create-cache.ts';
import { POLICY_KINDS } from '../../../runtime/cache/policies/create-policy.ts';
import { manualClock, settleMicrotasks } from '../../support/manual-clock.ts';

const key = fc.nat(25).map((number) => `k${number}`);
const bytes = fc.oneof(fc.nat(50), fc.integer({ min: 200, max: 900 }));
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), key, bytes }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('load' as const), key, bytes: fc.option(bytes) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('land' as const), which: fc.nat(20), fails: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pin' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unpin' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('resize' as const),
      maxEntries: fc.integer({ min: 1, max: 20 }),
      maxBytes: fc.integer({ min: 100, max: 6_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('policy' as const), policy: fc.constantFrom(...POLICY_KINDS) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

interface Value {
  readonly key: string;
  readonly bytes: number;
}

interface Held {
  readonly key: string;
  readonly finish: PromiseWithResolvers<Value | undefined>;
  readonly bytes: number | null;
}

/** A cache under random use, with everything that can be known from outside checked after each step. */
class Exercise {
  readonly clock = manualClock();
  readonly cache = createCache<Value>({
    clock: this.clock,
    maxEntries: 10,
    maxBytes: 4_000,
    bytesOf: (value) => value.bytes,
    ttlMs: 100,
    staleMs: 30,
    negativeTtlMs: 40,
  });
  private readonly pins: { readonly key: string; readonly pin: Pin<Value> }[] = [];
  private readonly held: Held[] = [];
  private readonly asked: Promise<unknown>[] = [];
  private loadsRun = 0;

  async take(one: Step): Promise<void> {
    const before = this.cache.figures();
    this.act(one);
    if (one.kind === 'advance') await this.clock.advance(one.ms);
    else if (one.kind === 'land' || one.kind === 'load') await settleMicrotasks();
    this.check(before);
  }

  async end(): Promise<void> {
    for (const { pin } of this.pins) pin[Symbol.dispose]();
    for (const { finish } of this.held) finish.resolve(undefined);
    await Promise.allSettled(this.asked);
    const { limits } = this.cache.figures();
    await this.cache.resize(limits);
    const figures = this.cache.figures();
    expect(figures.entries).toBeLessThanOrEqual(limits.maxEntries);
    expect(figures.bytes).toBeLessThanOrEqual(limits.maxBytes);
    expect(figures.policy.effective).toBe(figures.policy.wanted);
    expect(figures).toMatchObject({ isDraining: false, pinnedEntries: 0, pinnedBytes: 0 });
    expect(figures.loads).toMatchObject({ running: 0, ended: this.loadsRun });
    // Every entry is still known to its policy: all of them can be evicted.
    await this.cache.resize({ maxEntries: 1, maxBytes: 1 });
    expect(this.cache.figures()).toMatchObject({ entries: 0, bytes: 0 });
  }

  private act(one: Step): void {
    const { cache } = this;
    switch (one.kind) {
      case 'get':
        return this.isOfKey(cache.get(one.key), one.key);
      case 'set': {
        const isKept = cache.set(one.key, { key: one.key, bytes: one.bytes });
        return isKept ? this.isOfKey(cache.get(one.key), one.key, one.bytes) : undefined;
      }
      case 'load':
        return this.load(one.key, one.bytes);
      case 'land': {
        const [held] = this.held.splice(one.which, 1);
        if (one.fails) held?.finish.reject(new Error('down'));
        else held?.finish.resolve(held.bytes === null ? undefined : { key: held.key, bytes: held.bytes });
        return undefined;
      }
      case 'pin': {
        const pin = cache.pin(one.key);
        if (pin !== undefined) this.pins.push({ key: one.key, pin });
        return undefined;
      }
      case 'unpin':
        return this.pins.splice(one.which, 1)[0]?.pin[Symbol.dispose]();
      case 'delete':
        return void cache.delete(one.key);
      case 'clear':
        return cache.clear();
      case 'resize':
        return void this.asked.push(cache.resize(one));
      case 'policy':
        return void this.asked.push(cache.setPolicy(one.policy));
      case 'advance':
        return undefined;
    }
  }

  private load(key: string, size: number | null): void {
    const answer = this.cache.load(key, () => {
      this.loadsRun++;
      const finish = Promise.withResolvers<Value | undefined>();
      this.held.push({ key, finish, bytes: size });
      return finish.promise;
    });
    this.asked.push(answer.then((value) => this.isOfKey(value, key)));
    this.asked.at(-1)!.catch(() => undefined);
  }

  private isOfKey(value: Value | undefined, key: string, size?: number): void {
    expect(value?.key ?? key).toBe(key);
    if (size !== undefined) expect(value?.bytes).toBe(size);
  }

  private check(before: ReturnType<typeof this.cache.figures>): void {
    const now = this.cache.figures();
    expect(now.entries).toBeLessThanOrEqual(Math.max(now.limits.maxEntries, before.entries));
    expect(now.bytes).toBeLessThanOrEqual(Math.max(now.limits.maxBytes, before.bytes));
    const left = Object.values(now.left).reduce((sum, count) => sum + count, 0);
    expect(now.added - left).toBe(now.entries);
    const pinned = new Set(this.pins.map((pin) => pin.key));
    expect(now.pinnedEntries).toBe(pinned.size);
    expect(now.pinnedEntries).toBeLessThanOrEqual(now.entries);
    expect(now.hits + now.misses - before.hits - before.misses).toBeLessThanOrEqual(1);
    for (const key of pinned) expect(this.cache.delete(key)).toBe(false);
    const waiting = new Map<string, number>();
    for (const { key } of this.held) waiting.set(key, (waiting.get(key) ?? 0) + 1);
    expect(now.loads.running).toBeLessThanOrEqual(waiting.size);
  }
}

test('whatever is done in whatever order, the bounds hold, pinned entries stay, figures add up and each load ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 150 }), async (steps) => {
      const exercise = new Exercise();
      for (const one of steps) await exercise.take(one);
      await exercise.end();
    }),
    { numRuns: 200 },
  );
}, 60_000);
