import type { EntryTable } from '../table/entry-table.ts';
import { FrequencySketch } from '../table/frequency-sketch.ts';
import { Miniature, Sample } from '../table/miniature.ts';
import type { Policy } from './policy.ts';
import { WindowTinyLfuPolicy } from './w-tiny-lfu.ts';

/** Shares of the window that are tried: from all for popularity to nearly all for recency. */
const WINDOW_RATIOS = [0.01, 0.1, 0.4, 0.8];
/** Entries that are sampled at most: with a quarter of them it is chance that often chooses, and it takes longer to see. */
const MAX_SAMPLED = 2_048;
/** The window until there is something to choose by. */
const FIRST_RATIO = 0.4;
/** Sampled uses between two choices. */
const PERIOD_USES = 500;
/** What a period's hits count for in the next. */
const MEMORY_RATIO = 0.7;
/** The smallest window that misses the best by at most this share of the uses is taken: so far chance alone moves them apart. */
const MARGIN_RATIO = 0.006;

interface Trial {
  readonly ratio: number;
  readonly cache: Miniature;
  hits: number;
}

/**
 * The default: W-TinyLFU whose window is chosen by trial. Miniatures of the cache, one for each size of window, run on a sample
 * of what is asked for; the window that does best there is the cache's. So it keeps what is popular through scans and loops
 * like W-TinyLFU, and follows agents that move from task to task like LRU.
 *
 * Source: G. Einziger, O. Eytan, R. Friedman, B. Manes, "Adaptive Software Cache Management", Middleware 2018 (which climbs a
 * hill instead: it needs no miniatures, but several times as long to arrive).
 */
export class AdaptivePolicy implements Policy {
  private readonly table: EntryTable;
  private readonly sketch = new FrequencySketch();
  private readonly cache: WindowTinyLfuPolicy;
  private readonly sample = new Sample(MAX_SAMPLED);
  private readonly trials: readonly Trial[];
  private uses = 0;
  private weight = 0;
  /** For which number of entries the miniatures were fitted. */
  private fullCount = 0;

  constructor(table: EntryTable) {
    this.table = table;
    this.cache = new WindowTinyLfuPolicy(table, this.sketch);
    this.cache.windowRatio = FIRST_RATIO;
    this.trials = WINDOW_RATIOS.map((ratio) => {
      const createPolicy = (miniature: EntryTable): Policy => {
        const policy = new WindowTinyLfuPolicy(miniature, this.sketch);
        policy.windowRatio = ratio;
        return policy;
      };
      return { ratio, cache: new Miniature(MAX_SAMPLED, createPolicy), hits: 0 };
    });
  }

  /** Share of the window now. */
  get windowRatio(): number {
    return this.cache.windowRatio;
  }

  add(slot: number): void {
    const { count } = this.table;
    this.sketch.fit(count);
    if (this.sample.fit(count)) {
      for (const { cache } of this.trials) cache.keep(this.sample);
      this.fullCount = 0;
    }
    this.use(slot);
    this.cache.add(slot);
  }

  hit(slot: number): void {
    this.use(slot);
    this.cache.hit(slot);
  }

  remove(slot: number): void {
    this.cache.remove(slot);
  }

  takeVictim(): number {
    const { count } = this.table;
    if (count !== this.fullCount) this.fitTrials(count);
    return this.cache.takeVictim();
  }

  /** A cache that evicts is full, so what it holds is what it may hold. */
  private fitTrials(count: number): void {
    this.fullCount = count;
    const maxEntries = Math.max(1, Math.round(count / this.sample.oneIn));
    for (const { cache } of this.trials) cache.maxEntries = maxEntries;
  }

  private use(slot: number): void {
    const hash = this.table.hash(slot);
    this.sketch.add(hash, this.table.count);
    if (!this.sample.has(hash)) return;
    for (const trial of this.trials) if (trial.cache.use(hash)) trial.hits++;
    if (++this.uses === PERIOD_USES) this.choose();
  }

  private choose(): void {
    this.weight = this.weight * MEMORY_RATIO + this.uses;
    this.uses = 0;
    const mostHits = Math.max(...this.trials.map(({ hits }) => hits));
    const isGoodEnough = ({ hits }: Trial): boolean => hits >= mostHits - this.weight * MARGIN_RATIO;
    if (this.fullCount > 0) this.cache.windowRatio = this.trials.find(isGoodEnough)!.ratio;
    for (const trial of this.trials) trial.hits *= MEMORY_RATIO;
  }
}
