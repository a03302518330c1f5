import { FrequencySketch } from '../../../runtime/cache/table/frequency-sketch.ts';

/** A policy written as its paper tells it, with plain arrays (the newest first) and no regard for speed. */
export interface NaivePolicy {
  add(key: number, count: number): void;
  hit(key: number, count: number): void;
  remove(key: number): void;
  evict(count: number): number;
}

function without(list: number[], key: number): boolean {
  const at = list.indexOf(key);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}

/** Least recently used. */
export class NaiveLru implements NaivePolicy {
  private readonly list: number[] = [];
  add(key: number): void {
    this.list.unshift(key);
  }
  hit(key: number): void {
    without(this.list, key);
    this.list.unshift(key);
  }
  remove(key: number): void {
    without(this.list, key);
  }
  evict(): number {
    return this.list.pop()!;
  }
}

/** Segmented LRU with four fifths protected. */
export class NaiveSegmentedLru implements NaivePolicy {
  private readonly probation: number[] = [];
  private readonly guarded: number[] = [];
  add(key: number): void {
    this.probation.unshift(key);
  }
  hit(key: number, count: number): void {
    if (without(this.guarded, key)) return void this.guarded.unshift(key);
    without(this.probation, key);
    this.guarded.unshift(key);
    while (this.guarded.length > Math.floor(count * 0.8)) this.probation.unshift(this.guarded.pop()!);
  }
  remove(key: number): void {
    if (!without(this.probation, key)) without(this.guarded, key);
  }
  evict(): number {
    return this.probation.pop() ?? this.guarded.pop()!;
  }
}

/** SIEVE, with the hand as the key it points at. */
export class NaiveSieve implements NaivePolicy {
  private readonly queue: number[] = [];
  private readonly visited = new Set<number>();
  private hand: number | undefined;
  add(key: number): void {
    this.queue.unshift(key);
    this.visited.delete(key);
  }
  hit(key: number): void {
    this.visited.add(key);
  }
  remove(key: number): void {
    if (key === this.hand) this.hand = this.queue[this.queue.indexOf(key) - 1];
    without(this.queue, key);
  }
  evict(): number {
    let at = this.hand === undefined ? this.queue.length - 1 : this.queue.indexOf(this.hand);
    while (this.visited.delete(this.queue[at]!)) at = at === 0 ? this.queue.length - 1 : at - 1;
    this.hand = this.queue[at - 1];
    return this.queue.splice(at, 1)[0]!;
  }
}

/** S3-FIFO with an exact list of ghosts. */
export class NaiveS3Fifo implements NaivePolicy {
  private readonly small: number[] = [];
  private readonly main: number[] = [];
  private readonly uses = new Map<number, number>();
  private ghosts: { key: number; at: number }[] = [];
  private evicted = 0;
  add(key: number, count: number): void {
    const ghost = this.ghosts.find((one) => one.key === key);
    this.ghosts = this.ghosts.filter((one) => one.key !== key);
    const isBack = ghost !== undefined && this.evicted - ghost.at < count * 0.9;
    (isBack ? this.main : this.small).unshift(key);
    this.uses.set(key, 0);
  }
  hit(key: number): void {
    this.uses.set(key, Math.min(3, this.uses.get(key)! + 1));
  }
  remove(key: number): void {
    if (!without(this.small, key)) without(this.main, key);
  }
  evict(count: number): number {
    while (this.small.length > 0 && (this.small.length >= count * 0.1 || this.main.length === 0)) {
      const key = this.small.pop()!;
      if (this.uses.get(key)! <= 1) {
        this.ghosts.push({ key, at: ++this.evicted });
        return key;
      }
      this.uses.set(key, 0);
      this.main.unshift(key);
    }
    for (;;) {
      const key = this.main.pop()!;
      const uses = this.uses.get(key)!;
      if (uses === 0) return key;
      this.uses.set(key, uses - 1);
      this.main.unshift(key);
    }
  }
}

/** LRU-2: every use of every key is written down. */
export class NaiveLruTwo implements NaivePolicy {
  private readonly present = new Set<number>();
  /** Last use but one (or none) and last use. */
  private readonly times = new Map<number, [number, number]>();
  private now = 0;
  add(key: number, count: number): void {
    this.now++;
    const last = this.times.get(key)?.[1] ?? -Infinity;
    this.times.set(key, [this.now - last <= count * 4 ? last : -Infinity, this.now]);
    this.present.add(key);
  }
  hit(key: number): void {
    this.times.set(key, [this.times.get(key)![1], ++this.now]);
  }
  remove(key: number): void {
    this.present.delete(key);
    // What did not leave by eviction is not remembered.
    this.times.delete(key);
  }
  evict(): number {
    const order = [...this.present].toSorted((a, b) => {
      const [beforeA, lastA] = this.times.get(a)!;
      const [beforeB, lastB] = this.times.get(b)!;
      return beforeA === beforeB ? lastA - lastB : beforeA - beforeB;
    });
    this.present.delete(order[0]!);
    return order[0]!;
  }
}

/** W-TinyLFU; how often a key was seen it asks the same sketch, which has tests of its own. */
export class NaiveWindowTinyLfu implements NaivePolicy {
  private readonly sketch = new FrequencySketch();
  private readonly window: number[] = [];
  private readonly probation: number[] = [];
  private readonly guarded: number[] = [];
  private readonly stamps = new Map<number, number>();
  private moves = 0;
  private readonly hashOf: (key: number) => number;
  constructor(hashOf: (key: number) => number) {
    this.hashOf = hashOf;
  }
  add(key: number, count: number): void {
    this.sketch.fit(count);
    this.sketch.add(this.hashOf(key), count);
    this.window.unshift(key);
    while (this.window.length > this.maxWindow(count)) this.probation.unshift(this.window.pop()!);
  }
  hit(key: number, count: number): void {
    this.sketch.add(this.hashOf(key), count);
    if (this.window.includes(key)) {
      without(this.window, key);
      this.window.unshift(key);
      return;
    }
    const isNear = this.guarded.includes(key) && this.moves - this.stamps.get(key)! < this.guarded.length >>> 2;
    if (isNear) return;
    this.stamps.set(key, ++this.moves);
    if (without(this.guarded, key)) return void this.guarded.unshift(key);
    without(this.probation, key);
    this.guarded.unshift(key);
    while (this.guarded.length > Math.floor(count * 0.99 * 0.8)) this.probation.unshift(this.guarded.pop()!);
  }
  remove(key: number): void {
    if (!without(this.window, key) && !without(this.probation, key)) without(this.guarded, key);
  }
  evict(count: number): number {
    const main = this.probation.length > 0 ? this.probation : this.guarded;
    if (main.length === 0) return this.window.pop()!;
    if (this.window.length < this.maxWindow(count)) return main.pop()!;
    const candidate = this.window.pop()!;
    const victim = main.at(-1)!;
    if (this.sketch.countOf(this.hashOf(candidate)) <= this.sketch.countOf(this.hashOf(victim))) return candidate;
    main.pop();
    this.probation.unshift(candidate);
    return victim;
  }
  private maxWindow(count: number): number {
    return Math.max(1, Math.floor(count * 0.01));
  }
}
