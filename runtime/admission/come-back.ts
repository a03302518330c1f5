/** Bounds of what a refused caller is told. */
const MIN_MS = 1;
const MAX_MS = 30_000;
/** Told before anything has been measured. */
const UNKNOWN_MS = 50;
/** After this long without a refusal the queue was not full, so that those refused before have come back. */
const EPISODE_GAP_MS = 1_000;

/**
 * When a refused caller should come back: an imagined queue of all who were refused, emptied at the rate at which the lane
 * really ends work. Callers are thereby spread over the time the lane needs for them.
 */
export class ComeBack {
  private lastMs = Number.NEGATIVE_INFINITY;
  private refusedWaiting = 0;

  /**
   * Notes a refusal and answers how long its caller should stay away, in milliseconds.
   *
   * @param drainPerMs Work that the lane ends in a millisecond; 0 when nobody knows.
   */
  afterMs(nowMs: number, drainPerMs: number): number {
    const sinceMs = nowMs - this.lastMs;
    if (sinceMs > EPISODE_GAP_MS) this.refusedWaiting = 0;
    else this.refusedWaiting = Math.max(0, this.refusedWaiting - drainPerMs * sinceMs);
    this.refusedWaiting++;
    this.lastMs = nowMs;
    const waitMs = drainPerMs > 0 ? this.refusedWaiting / drainPerMs : UNKNOWN_MS;
    return Math.round(Math.min(MAX_MS, Math.max(MIN_MS, waitMs)));
  }
}
