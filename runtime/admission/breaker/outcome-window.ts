/** Parts of a window; what is older than a window leaves it in steps of this part. */
const BUCKETS = 10;

/** How many calls ended in the last `windowMs`, and how many of them failed; constant memory, no timer. */
export class OutcomeWindow {
  readonly #calls = new Uint32Array(BUCKETS);
  readonly #failures = new Uint32Array(BUCKETS);
  readonly #bucketMs: number;
  /** The number of the newest bucket, counted from the clock's beginning. */
  #newest = -Infinity;

  /** @param windowMs Length of the window, 10 and more. */
  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS;
  }

  /** @param atMs Monotonic; never less than before. */
  add(atMs: number, isFailure: boolean): void {
    this.#turn(atMs);
    const at = this.#newest % BUCKETS;
    this.#calls[at]! += 1;
    if (isFailure) this.#failures[at]! += 1;
  }

  totals(atMs: number): { readonly calls: number; readonly failures: number } {
    this.#turn(atMs);
    return { calls: sum(this.#calls), failures: sum(this.#failures) };
  }

  #turn(atMs: number): void {
    const now = Math.floor(atMs / this.#bucketMs);
    for (let bucket = Math.max(this.#newest + 1, now - BUCKETS + 1); bucket <= now; bucket++) {
      this.#calls[bucket % BUCKETS] = 0;
      this.#failures[bucket % BUCKETS] = 0;
    }
    this.#newest = Math.max(this.#newest, now);
  }
}

function sum(counts: Uint32Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
