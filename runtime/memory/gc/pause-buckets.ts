/** Shortest pause told apart from none. */
const LEAST_MS = 0.01;
/** Buckets for each doubling: a percentile is off by at most 2.2 %. */
const PER_DOUBLING = 16;

/** Buckets of a pause histogram: 10 µs to three minutes; a longer pause counts as that. */
export const PAUSE_BUCKETS = 1 + 24 * PER_DOUBLING;

/** The bucket of a pause. */
export function toPauseBucket(ms: number): number {
  if (!(ms >= LEAST_MS)) return 0;
  return Math.min(PAUSE_BUCKETS - 1, 1 + Math.floor(Math.log2(ms / LEAST_MS) * PER_DOUBLING));
}

/**
 * The pause that the share `ratio` (0..1) of those counted does not exceed, in milliseconds; `undefined` when none was.
 *
 * The borders of the buckets are the same everywhere, so the counts of two histograms added place by place are exactly the
 * histogram of both together: threads and times merge without any error beyond that of the buckets.
 */
export function pausePercentileMs(counts: ArrayLike<number>, ratio: number): number | undefined {
  let total = 0;
  for (let bucket = 0; bucket < PAUSE_BUCKETS; bucket++) total += counts[bucket]!;
  if (total === 0) return undefined;
  let left = Math.max(1, Math.ceil(ratio * total));
  for (let bucket = 0; bucket < PAUSE_BUCKETS; bucket++) {
    left -= counts[bucket]!;
    // The middle of a bucket, geometrically.
    if (left <= 0) return bucket === 0 ? 0 : LEAST_MS * 2 ** ((bucket - 0.5) / PER_DOUBLING);
  }
  return undefined;
}

/** Adds `more` to `sum`, place by place. */
export function addPauses(sum: Uint32Array, more: ArrayLike<number>): void {
  for (let bucket = 0; bucket < PAUSE_BUCKETS; bucket++) sum[bucket]! += more[bucket]!;
}

/** Upper borders of the rows of the heat map, in milliseconds; what is longer has the last row. */
export const HEAT_ROWS_MS = [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, Infinity] as const;

/** The row of the heat map a pause belongs to. */
export function toHeatRow(ms: number): number {
  let row = 0;
  while (ms > HEAT_ROWS_MS[row]!) row++;
  return row;
}
