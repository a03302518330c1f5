/** Most that one sample stands for. */
const MAX_STRIDE = 64;
/** Samples closer than this are more than anybody needs; each costs two readings of the clock. */
const SPACING_MS = 1;

/**
 * Chooses whose time is taken: everybody while little happens, down to 1 in 64 while much does.
 *
 * The distance to the next sample is drawn from 1 to twice the stride, so that a pattern in the work (agents that take
 * turns, batches of equal size) cannot fall in step with it. Percentiles of the samples are therefore unbiased within a
 * period of steady load.
 */
export class Sampler {
  private left = 1;
  private stride = 1;
  private lastMs = Number.NEGATIVE_INFINITY;
  private seed = 0x9e3779b9;

  /** Whether this one is a sample; asked once for each candidate. `taken` must follow when it answers true. */
  isNext(): boolean {
    return --this.left === 0;
  }

  /** @param nowMs When the sample was taken, monotonic. */
  taken(nowMs: number): void {
    const isDense = nowMs - this.lastMs < SPACING_MS;
    this.stride = isDense ? Math.min(this.stride * 2, MAX_STRIDE) : Math.max(this.stride >> 1, 1);
    this.lastMs = nowMs;
    // xorshift32 (G. Marsaglia, "Xorshift RNGs", 2003)
    this.seed ^= this.seed << 13;
    this.seed ^= this.seed >>> 17;
    this.seed ^= this.seed << 5;
    this.left = this.stride === 1 ? 1 : 1 + ((this.seed >>> 0) % (2 * this.stride - 1));
  }
}
