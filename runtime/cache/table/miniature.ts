import { EntryTable, NONE } from './entry-table.ts';
import type { Policy } from '../policies/policy.ts';

/** Hashes that count even in a small cache: more of them, and trying costs it more than it gains. */
const LEAST_ONE_IN = 4;

/**
 * Which hashes stand for all: a share of them, halved each time the cache outgrows it, so that a miniature stays small.
 *
 * Source: C. Waldspurger, T. Saemundsson, I. Ahmad, N. Park, "Cache Modeling and Optimization using Miniature Simulations",
 * USENIX ATC 2017.
 */
export class Sample {
  /** Hashes that count are one in this many, a power of 2. */
  oneIn = LEAST_ONE_IN;
  private readonly maxEntries: number;

  /** @param maxEntries Entries of the cache that are in the sample at most. */
  constructor(maxEntries: number) {
    this.maxEntries = maxEntries;
  }

  /** Fits the sample to a cache of `count` entries; whether it became another one. */
  fit(count: number): boolean {
    const isLarge = count > this.maxEntries * this.oneIn;
    const isSmall = this.oneIn > LEAST_ONE_IN && count < (this.maxEntries / 8) * this.oneIn;
    if (isLarge) this.oneIn *= 2;
    else if (isSmall) this.oneIn /= 2;
    return isLarge || isSmall;
  }

  has(hash: number): boolean {
    // Other bits than those by which the index finds its chain.
    return ((Math.imul(hash, 0x9e3779b1) >>> 10) & (this.oneIn - 1)) === 0;
  }
}

/** A cache of hashes alone, that shows what a policy or a size would do with the sampled part of what is asked for. */
export class Miniature {
  /** Entries it may hold. */
  maxEntries: number;
  private readonly table = new EntryTable();
  private readonly policy: Policy;

  constructor(maxEntries: number, createPolicy: (table: EntryTable) => Policy) {
    this.maxEntries = maxEntries;
    this.policy = createPolicy(this.table);
  }

  /** Asks for a hash, takes it up when it is not there, and answers whether it was. */
  use(hash: number): boolean {
    const { table, policy } = this;
    const known = table.first(hash);
    if (known !== NONE) {
      policy.hit(known);
      return true;
    }
    while (table.count >= this.maxEntries) table.remove(policy.takeVictim());
    policy.add(table.insert(hash));
    return false;
  }

  /** Forgets what is not in the sample any more. */
  keep(sample: Sample): void {
    const { table, policy } = this;
    for (let slot = 0; slot < table.slotCount; slot++) {
      if (!table.isUsed(slot) || sample.has(table.hash(slot))) continue;
      policy.remove(slot);
      table.remove(slot);
    }
  }
}
