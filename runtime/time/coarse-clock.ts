import type { Clock } from './clock.ts';

/** Uses of one reading at most; reading the machine's clock costs about as much as half a no-op task. */
const USES_PER_READING = 64;

const settled = Promise.resolve();

/**
 * A monotonic time that is cheap enough to be asked for by every task.
 *
 * One reading serves up to 64 calls of the same run of microtasks and is never kept across a turn of the event loop,
 * so that a value is late by what ran synchronously since it was read, and by nothing else.
 */
export class CoarseClock {
  private readonly clock: Clock;
  private readingMs = 0;
  private usesLeft = 0;
  private willExpire = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Monotonic milliseconds, at most one run of microtasks old. */
  monoMs(): number {
    if (this.usesLeft === 0) return this.refresh();
    this.usesLeft--;
    return this.readingMs;
  }

  /** Reads the clock now. */
  refresh(): number {
    this.readingMs = this.clock.monoMs();
    this.usesLeft = USES_PER_READING - 1;
    if (!this.willExpire) {
      this.willExpire = true;
      void settled.then(this.expire);
    }
    return this.readingMs;
  }

  private readonly expire = (): void => {
    this.willExpire = false;
    this.usesLeft = 0;
  };
}
