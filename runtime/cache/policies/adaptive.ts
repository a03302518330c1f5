import type { EntryTable } from '../table/entry-table.ts';
import { FrequencySketch } from '../table/frequency-sketch.ts';
import { Miniature, Sample } from '../table/miniature.ts';
import type { Policy } from './policy.ts';
import { WindowTinyLfuPolicy } from './w-tiny-lfu.ts';

/** Shares of the window that are tried: from all for popularity to nearly all for recency. */
const WINDOW_RATIOS = [0.01, 0.1, 0.4, 0.8];
/** Sampled uses between two choices. */
const PERIOD_USES = 500;
/** What a period's hits count for in the next. */
const MEMORY_RATIO = 0.7;
/** Another window must be better by this share of all uses, so that chance does not move it to and fro. */
const MARGIN_RATIO = 0.003;

interface Trial {
  readonly ratio: number;
  readonly cache: Miniature;
  hits: number;
}

/**
 * The default: W-TinyLFU whose window is chosen by trial. Miniatures of the cache, one for each size of window, run on a sample
 * of what is asked for; the window of the best of them is the cache's. So it keeps what is popular through scans and loops
 * like W-TinyLFU, and follows agents that move from task to task like LRU.
 *
 * Source: G. Einziger, O. Eytan, R. Friedman, B. Manes, "Adaptive Software Cache Management", Middleware 2018 (which climbs a
 * hill instead: it needs no miniatures, but several times as long to arrive).
 */
export class AdaptivePolicy implements Policy {
  private readonly table: EntryTable;
  private readonly sketch = new FrequencySketch();
  private readonly cache: WindowTinyLfuPolicy;
  private readonly sample = new Sample();
  private readonly trials: readonly Trial[];
  private uses = 0;
  private weight = 0;
  /** For which number of entries the miniatures were fitted. */
  private fullCount = 0;

  constructor(table: EntryTable) {
    this.table = table;
    this.cache = new WindowTinyLfuPolicy(table, this.sketch);
    this.trials = WINDOW_RATIOS.map((ratio) => {
      const createPolicy = (miniature: EntryTable): Policy => {
        const policy = new WindowTinyLfuPolicy(miniature, this.sketch);
        policy.windowRatio = ratio;
        return policy;
      };
      return { ratio, cache: new Miniature(createPolicy), hits: 0 };
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
    let best = this.trials.find(({ ratio }) => ratio === this.cache.windowRatio)!;
    const margin = this.weight * MARGIN_RATIO;
    let mustBeat = best.hits + margin;
    for (const trial of this.trials) {
      if (trial.hits > mustBeat) {
        best = trial;
        mustBeat = trial.hits;
      }
    }
    this.cache.windowRatio = best.ratio;
    for (const trial of this.trials) trial.hits *= MEMORY_RATIO;
  }
}
