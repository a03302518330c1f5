import type { Clock, Timer } from '../time/clock.ts';
import type { CoarseClock } from '../time/coarse-clock.ts';
import { DeadlineWheel } from './deadline-wheel.ts';

/** A deadline is kept in a plain list for this long first: most work has ended by then and never needs a place in the wheel. */
const YOUNG_MS = 10;

/** Where the deadline of a record is. */
const NOWHERE = 0;
const YOUNG = 1;
/** Removed, while its record is still in the list of young ones. */
const FORGOTTEN = 2;
const IN_WHEEL = 3;

/**
 * The deadlines of a lane's records: a list of those that are younger than 10 ms, a wheel for the others, one timer for both.
 *
 * The timer keeps the process alive only while a record has a deadline, or for the 10 ms in which one had.
 */
export class Deadlines {
  private readonly wheel: DeadlineWheel;
  private readonly clock: Clock;
  private readonly coarse: CoarseClock;
  private readonly onDue: (record: number) => void;
  private dueMs: Float64Array<ArrayBuffer>;
  private where: Uint8Array<ArrayBuffer>;
  private young: number[] = [];
  private youngCount = 0;
  private timer: Timer | undefined;
  private wakeAtMs = Number.POSITIVE_INFINITY;
  private isResting = false;
  private isClosing = false;

  constructor(clock: Clock, coarse: CoarseClock, capacity: number, onDue: (record: number) => void) {
    this.clock = clock;
    this.coarse = coarse;
    this.onDue = onDue;
    this.wheel = new DeadlineWheel(clock.monoMs(), capacity);
    this.dueMs = new Float64Array(capacity);
    this.where = new Uint8Array(capacity);
  }

  /** Calls `onDue` with the record, which has no deadline yet, after `deadlineMs`, unless it is removed before. */
  add(record: number, deadlineMs: number): void {
    const nowMs = this.coarse.monoMs();
    this.dueMs[record] = nowMs + deadlineMs;
    const before = this.where[record];
    this.where[record] = YOUNG;
    if (before !== FORGOTTEN) this.young[this.youngCount++] = record;
    const wakeMs = deadlineMs < YOUNG_MS ? deadlineMs : YOUNG_MS;
    if (nowMs + wakeMs < this.wakeAtMs) this.arm(nowMs, nowMs + wakeMs);
    else if (this.isResting) {
      this.isResting = false;
      this.timer?.keepAlive(true);
    }
  }

  has(record: number): boolean {
    const where = this.where[record];
    return where === YOUNG || where === IN_WHEEL;
  }

  /** Nothing happens when the record has no deadline. */
  remove(record: number): void {
    const where = this.where[record];
    if (where === YOUNG) this.where[record] = FORGOTTEN;
    else if (where === IN_WHEEL) {
      this.where[record] = NOWHERE;
      this.wheel.remove(record);
      if (this.wheel.size === 0 && this.youngCount === 0) this.rest();
    }
  }

  grow(capacity: number): void {
    const { dueMs, where } = this;
    (this.dueMs = new Float64Array(capacity)).set(dueMs);
    (this.where = new Uint8Array(capacity)).set(where);
    this.wheel.grow(capacity);
  }

  /** Stops the timer as soon as nothing has a deadline any more. */
  close(): void {
    this.isClosing = true;
    this.sort(this.coarse.monoMs());
    if (this.wheel.size === 0) this.rest();
  }

  private rest(): void {
    if (!this.isClosing) {
      this.isResting = true;
      this.timer?.keepAlive(false);
    } else {
      this.timer?.[Symbol.dispose]();
      this.timer = undefined;
    }
  }

  /** Gives the young ones their places in the wheel. */
  private sort(nowMs: number): void {
    for (let index = 0; index < this.youngCount; index++) {
      const record = this.young[index]!;
      if (this.where[record] === YOUNG) {
        this.where[record] = IN_WHEEL;
        this.wheel.add(record, nowMs, this.dueMs[record]!);
      } else this.where[record] = NOWHERE;
    }
    this.youngCount = 0;
  }

  private arm(nowMs: number, atMs: number): void {
    this.timer?.[Symbol.dispose]();
    this.isResting = false;
    this.wakeAtMs = atMs;
    this.timer = this.clock.after(Math.max(0, atMs - nowMs), this.wake);
  }

  private readonly wake = (): void => {
    this.timer = undefined;
    this.wakeAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.coarse.refresh();
    this.sort(nowMs);
    this.wheel.advance(nowMs, this.expire);
    const nextMs = this.wheel.nextMs(nowMs);
    if (nextMs !== undefined && nextMs < this.wakeAtMs) this.arm(nowMs, nextMs);
  };

  private readonly expire = (record: number): void => {
    this.where[record] = NOWHERE;
    this.onDue(record);
  };
}
