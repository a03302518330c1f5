/** What is counted lies between half and all of this back, so that a changed rate is seen within it. */
const WINDOW_MS = 2_000;
/** A rate measured over less than this is mostly chance. */
const MIN_WINDOW_MS = 5;

/**
 * The rate at which a lane ends work, over the last one to two seconds in which somebody asked. It costs nothing until it is
 * asked for: it looks at the lane's own count of what has ended.
 */
export class DrainRate {
  private lastMs = Number.NEGATIVE_INFINITY;
  private startMs = 0;
  private startEnded = 0;
  private middleMs = 0;
  private middleEnded = 0;

  /**
   * Work that ends in a millisecond.
   *
   * @param endedCount Work that has ended since the lane was opened.
   * @param guessPerMs The answer while nothing has been measured; 0 when there is no guess either.
   */
  perMs(nowMs: number, endedCount: number, guessPerMs: number): number {
    // A long silence may hold times in which nothing was to be done, which say nothing about the rate.
    if (nowMs - this.lastMs > WINDOW_MS / 2) {
      this.startMs = this.middleMs = nowMs;
      this.startEnded = this.middleEnded = endedCount;
    } else if (nowMs - this.middleMs >= WINDOW_MS / 2) {
      this.startMs = this.middleMs;
      this.startEnded = this.middleEnded;
      this.middleMs = nowMs;
      this.middleEnded = endedCount;
    }
    this.lastMs = nowMs;
    const windowMs = nowMs - this.startMs;
    const ended = endedCount - this.startEnded;
    return windowMs >= MIN_WINDOW_MS && ended > 0 ? ended / windowMs : guessPerMs;
  }
}
