/** Bounds of what a refused caller is told. */
const MIN_MS = 1;
const MAX_MS = 30_000;
/** Told before anything has been measured. */
const UNKNOWN_MS = 50;
/** After this long without a refusal the queue was not full, so that what is counted next starts anew. */
const EPISODE_GAP_MS = 1_000;
/** A rate measured over less than this is mostly chance. */
const MIN_WINDOW_MS = 5;

/**
 * When a refused caller should come back: an imagined queue of all who were refused, emptied at the rate at which the lane
 * really ends work while it is full. Callers are thereby spread over the time the lane needs for them.
 */
export class ComeBack {
  private startedMs = Number.NEGATIVE_INFINITY;
  private endedAtStart = 0;
  private lastMs = Number.NEGATIVE_INFINITY;
  private refusedWaiting = 0;

  /**
   * Notes a refusal and answers how long its caller should stay away, in milliseconds.
   *
   * @param endedCount Work that has ended since the lane was opened.
   * @param guessPerMs Rate to go by until one has been measured; 0 when there is none.
   */
  afterMs(nowMs: number, endedCount: number, guessPerMs: number): number {
    if (nowMs - this.lastMs > EPISODE_GAP_MS) {
      this.startedMs = nowMs;
      this.endedAtStart = endedCount;
      this.refusedWaiting = 0;
      this.lastMs = nowMs;
    }
    const windowMs = nowMs - this.startedMs;
    const ended = endedCount - this.endedAtStart;
    const perMs = windowMs >= MIN_WINDOW_MS && ended > 0 ? ended / windowMs : guessPerMs;
    this.refusedWaiting = Math.max(0, this.refusedWaiting - perMs * (nowMs - this.lastMs)) + 1;
    this.lastMs = nowMs;
    const waitMs = perMs > 0 ? this.refusedWaiting / perMs : UNKNOWN_MS;
    return Math.round(Math.min(MAX_MS, Math.max(MIN_MS, waitMs)));
  }
}
