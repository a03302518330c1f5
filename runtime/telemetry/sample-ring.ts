/** Samples kept: enough that p99 rests on the ten slowest of them. */
const SAMPLES = 1024;

/**
 * The last 1,024 durations of something, in a ring of fixed size.
 *
 * Recording is one store; the percentiles are worked out when they are asked for.
 */
export class SampleRing {
  private readonly values = new Float64Array(SAMPLES);
  private count = 0;

  record(value: number): void {
    this.values[this.count++ % SAMPLES] = value;
  }

  /** Samples recorded since the beginning; the ring holds the last 1,024 of them. */
  get recorded(): number {
    return this.count;
  }

  /** The values below which each of `ratios` (0..1) of the kept samples lie; `undefined` before the first sample. */
  percentiles(...ratios: readonly number[]): readonly number[] | undefined {
    if (this.count === 0) return undefined;
    const sorted = this.values.slice(0, Math.min(this.count, SAMPLES)).toSorted();
    return ratios.map((ratio) => sorted[Math.min(sorted.length - 1, Math.ceil(ratio * sorted.length) - 1)] ?? 0);
  }
}
