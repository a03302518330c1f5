import { createPolicy, type PolicyKind } from './policies/create-policy.ts';
import { Miniature, Sample } from './table/miniature.ts';

/** Entries that are sampled at most; what chance still does to the answer is about a point. */
const MAX_SAMPLED = 512;
/** Sampled uses that are expected until those counted so far count half. */
const PERIOD_USES = 20_000;
/** Sizes that are tried, as shares of the size it has. */
const SIZES = [0.5, 1, 2] as const;

/** What share of the uses would hit if the cache had half or twice its size, beside the same estimate for the size it has. */
export interface HitForecast {
  readonly halfRatio: number;
  readonly sameRatio: number;
  readonly twiceRatio: number;
}

/**
 * Answers "what if it were half as large, or twice?" by miniatures that run beside the cache on a sample of its keys; they know no
 * time to live. Costs a multiplication and an addition a use, and memory that does not grow with the cache.
 *
 * Source: C. Waldspurger, N. Park, A. Garthwaite, I. Ahmad, "Efficient MRC Construction with SHARDS", FAST 2015, with its
 * adjustment: a few keys are asked for so often that the sample is much too small or too large, by whether they are in it; they hit in
 * any size, so what is missing from the expected number of uses, or too much, counts as hits.
 */
export class Foresight {
  private readonly sample = new Sample(MAX_SAMPLED);
  private trials: { readonly size: number; readonly cache: Miniature; hits: number }[] = [];
  /** Sampled uses, and how many they should have been. */
  private uses = 0;
  private expected = 0;
  private isFull = false;
  /** For which number of entries the miniatures were fitted. */
  private fullCount = 0;

  constructor(kind: PolicyKind) {
    this.restart(kind);
  }

  /** Begins anew, with another policy. */
  restart(kind: PolicyKind): void {
    this.trials = SIZES.map((size) => {
      // Until the cache is full, all of them hold all there is.
      const cache = new Miniature(2 * MAX_SAMPLED, (table) => createPolicy(kind, table));
      return { size, cache, hits: 0 };
    });
    this.uses = 0;
    this.expected = 0;
    this.isFull = false;
    this.fullCount = 0;
  }

  /** A key of this hash was asked for in a cache of `count` entries. */
  use(hash: number, count: number): void {
    this.expected += 1 / this.sample.oneIn;
    if (!this.sample.has(hash)) return;
    if (this.sample.fit(count)) {
      for (const { cache } of this.trials) cache.keep(this.sample);
      this.fullCount = 0;
    }
    for (const trial of this.trials) {
      if (trial.cache.use(hash)) trial.hits++;
    }
    this.uses++;
    if (this.expected < PERIOD_USES) return;
    this.uses /= 2;
    this.expected /= 2;
    for (const trial of this.trials) trial.hits /= 2;
  }

  /** The cache had to evict something while it had `count` entries. */
  evict(count: number): void {
    if (count === this.fullCount) return;
    this.fullCount = count;
    if (!this.isFull) {
      this.isFull = true;
      this.uses = 0;
      this.expected = 0;
      for (const trial of this.trials) trial.hits = 0;
    }
    const entries = count / this.sample.oneIn;
    for (const { cache, size } of this.trials) cache.maxEntries = Math.max(1, Math.round(entries * size));
  }

  /** `undefined` until something had to be evicted and was asked for since. */
  forecast(): HitForecast | undefined {
    if (!this.isFull || this.uses === 0) return undefined;
    const missing = this.expected - this.uses;
    const ratios = this.trials.map(({ hits }) => Math.min(1, Math.max(0, (hits + missing) / this.expected)));
    const [halfRatio = 0, sameRatio = 0, twiceRatio = 0] = ratios;
    return { halfRatio, sameRatio, twiceRatio };
  }
}
