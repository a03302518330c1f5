import type { Clock, Timer } from '../time/clock.ts';
import type { CoarseClock } from '../time/coarse-clock.ts';
import { DeadlineWheel } from './deadline-wheel.ts';

/**
 * A wheel and the one timer that turns it. The timer keeps the process alive only while a record has a deadline.
 */
export class Deadlines {
  private readonly wheel: DeadlineWheel;
  private readonly clock: Clock;
  private readonly coarse: CoarseClock;
  private readonly onDue: (record: number) => void;
  private timer: Timer | undefined;
  private wakeAtMs = Number.POSITIVE_INFINITY;
  private isClosing = false;

  constructor(clock: Clock, coarse: CoarseClock, capacity: number, onDue: (record: number) => void) {
    this.clock = clock;
    this.coarse = coarse;
    this.onDue = onDue;
    this.wheel = new DeadlineWheel(clock.monoMs(), capacity);
  }

  /** Calls `onDue` with the record, which has no deadline yet, after `deadlineMs`, unless it is removed before. */
  add(record: number, deadlineMs: number): void {
    const nowMs = this.coarse.monoMs();
    const dueMs = nowMs + deadlineMs;
    this.wheel.add(record, nowMs, dueMs);
    if (dueMs < this.wakeAtMs) this.arm(nowMs, dueMs);
    else if (this.wheel.size === 1) this.timer?.keepAlive(true);
  }

  has(record: number): boolean {
    return this.wheel.has(record);
  }

  /** Nothing happens when the record has no deadline. */
  remove(record: number): void {
    if (!this.wheel.has(record)) return;
    this.wheel.remove(record);
    if (this.wheel.size === 0) this.rest();
  }

  grow(capacity: number): void {
    this.wheel.grow(capacity);
  }

  /** Stops the timer as soon as nothing has a deadline any more. */
  close(): void {
    this.isClosing = true;
    if (this.wheel.size === 0) this.rest();
  }

  private rest(): void {
    if (!this.isClosing) this.timer?.keepAlive(false);
    else {
      this.timer?.[Symbol.dispose]();
      this.timer = undefined;
    }
  }

  private arm(nowMs: number, atMs: number): void {
    this.timer?.[Symbol.dispose]();
    this.wakeAtMs = atMs;
    this.timer = this.clock.after(Math.max(0, atMs - nowMs), this.wake);
  }

  private readonly wake = (): void => {
    this.timer = undefined;
    this.wakeAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.coarse.refresh();
    this.wheel.advance(nowMs, this.onDue);
    const nextMs = this.wheel.nextMs(nowMs);
    if (nextMs !== undefined && nextMs < this.wakeAtMs) this.arm(nowMs, nextMs);
  };
}
