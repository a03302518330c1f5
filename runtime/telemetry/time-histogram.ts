/** Shortest time told apart from none. */
const LEAST_MS = 0.01;
/** Buckets for each doubling: a percentile is off by at most 2.2 %. */
const PER_DOUBLING = 16;
/** 32 doublings of 10 µs: half a day, more than any call may take; longer counts as that. */
const BUCKETS = 32 * PER_DOUBLING;

/**
 * How often which duration occurred, in 512 buckets whose width grows with the duration (as in HdrHistogram, G. Tene), so
 * that every one of any number counts and percentiles cost the same whatever their number.
 */
export class TimeHistogram {
  readonly #counts = new Uint32Array(BUCKETS + 1);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  record(ms: number): void {
    const bucket = ms < LEAST_MS ? 0 : 1 + Math.floor(Math.log2(ms / LEAST_MS) * PER_DOUBLING);
    this.#counts[Math.min(bucket, BUCKETS)]! += 1;
    this.#count += 1;
  }

  /** The duration that the share `ratio` (0..1) of those recorded does not exceed; NaN when none was. */
  percentileMs(ratio: number): number {
    if (this.#count === 0) return NaN;
    let left = Math.max(1, Math.ceil(ratio * this.#count));
    for (let bucket = 0; bucket <= BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      // The middle of a bucket, geometrically.
      if (left <= 0) return bucket === 0 ? 0 : LEAST_MS * 2 ** ((bucket - 0.5) / PER_DOUBLING);
    }
    return NaN;
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#counts.fill(0);
    this.#count = 0;
  }
}
