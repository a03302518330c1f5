/** The last samples of one figure, in a ring of fixed size: 4 KB, no allocation per sample. */
export class SampleRing {
  readonly #samples: Float64Array;
  #count = 0;

  constructor(size = 512) {
    this.#samples = new Float64Array(size);
  }

  add(value: number): void {
    this.#samples[this.#count++ % this.#samples.length] = value;
  }

  /** The value that `ratio` of the kept samples do not exceed (nearest rank); `undefined` before the first sample. */
  quantile(ratio: number): number | undefined {
    const kept = Math.min(this.#count, this.#samples.length);
    if (kept === 0) return undefined;
    const sorted = this.#samples.slice(0, kept).toSorted();
    return sorted[Math.max(0, Math.ceil(ratio * kept) - 1)];
  }
}
