import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AdaptivePolicy } from '../../../runtime/cache/policies/adaptive.ts';
import { createPolicy, POLICY_KINDS, type PolicyKind } from '../../../runtime/cache/policies/create-policy.ts';
import type { Policy } from '../../../runtime/cache/policies/policy.ts';
import { EntryTable, NONE } from '../../../runtime/cache/table/entry-table.ts';
import {
  NaiveLru,
  NaiveLruTwo,
  NaiveS3Fifo,
  NaiveSegmentedLru,
  NaiveSieve,
  NaiveWindowTinyLfu,
  type NaivePolicy,
} from './naive-policies.ts';

const hashOf = (key: number): number => Math.imul(key + 1, 0x9e3779b1) | 0;

const REFERENCES: Readonly<Partial<Record<PolicyKind, () => NaivePolicy>>> = {
  lru: () => new NaiveLru(),
  'segmented-lru': () => new NaiveSegmentedLru(),
  'lru-k': () => new NaiveLruTwo(),
  sieve: () => new NaiveSieve(),
  's3-fifo': () => new NaiveS3Fifo(),
  'w-tinylfu': () => new NaiveWindowTinyLfu(hashOf),
};

/** A cache of numbers around a policy, as small as can be. */
class Exercise {
  readonly table = new EntryTable();
  readonly policy: Policy;
  private readonly keys = new Map<number, number>();
  private readonly capacity: number;

  constructor(createIt: (table: EntryTable) => Policy, capacity: number) {
    this.policy = createIt(this.table);
    this.capacity = capacity;
  }

  /** What was evicted for this key, oldest first; `undefined` when it hit. */
  use(key: number): number[] | undefined {
    const { table, policy } = this;
    const known = table.first(hashOf(key));
    if (known !== NONE) {
      policy.hit(known);
      return undefined;
    }
    const evicted: number[] = [];
    while (table.count >= this.capacity) {
      const slot = policy.takeVictim();
      evicted.push(this.keys.get(slot)!);
      table.remove(slot);
    }
    const slot = table.insert(hashOf(key));
    this.keys.set(slot, key);
    policy.add(slot);
    return evicted;
  }

  remove(key: number): void {
    const slot = this.table.first(hashOf(key));
    if (slot === NONE) return;
    this.policy.remove(slot);
    this.table.remove(slot);
  }
}

/** The same around a naive one. */
class NaiveExercise {
  private readonly present = new Set<number>();
  private readonly policy: NaivePolicy;
  private readonly capacity: number;

  constructor(policy: NaivePolicy, capacity: number) {
    this.policy = policy;
    this.capacity = capacity;
  }

  use(key: number): number[] | undefined {
    if (this.present.has(key)) {
      this.policy.hit(key, this.present.size);
      return undefined;
    }
    const evicted: number[] = [];
    while (this.present.size >= this.capacity) {
      const victim = this.policy.evict(this.present.size);
      evicted.push(victim);
      this.present.delete(victim);
    }
    this.present.add(key);
    this.policy.add(key, this.present.size);
    return evicted;
  }

  remove(key: number): void {
    if (this.present.delete(key)) this.policy.remove(key);
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('use' as const), key: fc.nat(11) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('use' as const), key: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: fc.nat(60) }) },
);
const steps = fc.array(step, { minLength: 50, maxLength: 400 });

describe.each(POLICY_KINDS.filter((kind) => REFERENCES[kind] !== undefined))('%s', (kind) => {
  test('evicts what the naive reading of its paper evicts, on any trace', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 30 }), (taken, capacity) => {
        const ours = new Exercise((table) => createPolicy(kind, table), capacity);
        const naive = new NaiveExercise(REFERENCES[kind]!(), capacity);
        const follow = (cache: Exercise | NaiveExercise) =>
          taken.map(({ kind: what, key }) => (what === 'use' ? cache.use(key) : cache.remove(key)));
        expect(follow(ours)).toEqual(follow(naive));
      }),
      { numRuns: 200 },
    );
  });
});

describe.each(POLICY_KINDS)('%s', (kind) => {
  test('gives every entry back exactly once', () => {
    const exercise = new Exercise((table) => createPolicy(kind, table), 1_000);
    for (let at = 0; at < 5_000; at++) exercise.use((at % 3 === 0 ? at * at : at) % 1_700);
    const taken = new Set<number>();
    for (let slot = exercise.policy.takeVictim(); slot !== NONE; slot = exercise.policy.takeVictim()) {
      expect(taken.has(slot)).toBe(false);
      taken.add(slot);
      exercise.table.remove(slot);
    }
    expect(taken.size).toBe(1_000);
    expect(exercise.table.count).toBe(0);
  });
});

describe('adaptive', () => {
  const CAPACITY = 5_000;

  function countHits(createIt: (table: EntryTable) => Policy, keys: readonly number[]): number {
    const exercise = new Exercise(createIt, CAPACITY);
    return keys.filter((key) => exercise.use(key) === undefined).length;
  }

  test('keeps most of a loop that is larger than the cache, of which LRU keeps nothing', () => {
    const loop = Array.from({ length: 60_000 }, (_, at) => at % 6_000);
    expect(countHits((table) => createPolicy('lru', table), loop)).toBe(0);
    expect(countHits((table) => new AdaptivePolicy(table), loop)).toBeGreaterThan(60_000 * 0.6);
  });

  test('follows what moves on like LRU, where popularity misleads', () => {
    // Everything is used four times within a while, and never again.
    const keys = Array.from({ length: 200_000 }, (_, at) => Math.floor(at / 4) - ((at * 7919) % 3_000));
    const lru = countHits((table) => createPolicy('lru', table), keys);
    expect(countHits((table) => new AdaptivePolicy(table), keys)).toBeGreaterThan(lru - 200_000 * 0.01);
    expect(countHits((table) => createPolicy('w-tinylfu', table), keys)).toBeLessThan(lru - 200_000 * 0.01);
  });
});
