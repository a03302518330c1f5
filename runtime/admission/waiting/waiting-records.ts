import type { Deadlines } from '../deadlines.ts';
import type { Line } from './waiting-lines.ts';
import type { Slot } from '../slot.ts';

/** Places of a record in `refs`; they lie side by side because they are written and read together. */
const STRIDE = 4;
const WORK = 0;
const RESOLVE = 1;
const REJECT = 2;
const PLACE = 3;

/** Records there is room for at first. */
export const FIRST_CAPACITY = 64;
const NONE = -1;

/** What a promise is settled with. */
export type Settle = (value: unknown) => void;
/** Work as a lane keeps it; `undefined` for a permit. */
export type Work = (() => unknown) | undefined;

/**
 * What a lane remembers of work that waits or has a deadline: one numbered record each, in arrays that double as they fill.
 *
 * A record costs 81 bytes and no object of its own; numbers of released records are used again, newest first. The arrays
 * never shrink: their bound is the lane's `maxRunning + queueCapacity`.
 */
export class WaitingRecords {
  /** Neighbours in the line a record waits in. */
  next = new Int32Array(FIRST_CAPACITY);
  previous = new Int32Array(FIRST_CAPACITY);
  /** When it began to wait, monotonic; below 0 when nobody will ask. */
  sinceMs = new Float64Array(FIRST_CAPACITY);
  /** What a pace is charged for it. */
  tokens = new Float64Array(FIRST_CAPACITY);
  /** What its owner's turn is charged for it, in thousandths. */
  cost = new Uint16Array(FIRST_CAPACITY);
  /** Its place among all that ever waited, modulo 2^32: a later one that starts first has overtaken it. */
  arrival = new Uint32Array(FIRST_CAPACITY);
  private refs: unknown[] = Array.from({ length: FIRST_CAPACITY * STRIDE });
  private capacity = FIRST_CAPACITY;
  private used = 0;
  private free = NONE;
  private readonly deadlines: Deadlines;

  constructor(deadlines: Deadlines) {
    this.deadlines = deadlines;
  }

  /** A record for `work`, with nothing else set. */
  add(work: Work, resolve: Settle, reject: Settle): number {
    let record = this.free;
    if (record !== NONE) this.free = this.next[record]!;
    else {
      if (this.used === this.capacity) this.grow();
      record = this.used++;
    }
    const at = record * STRIDE;
    this.refs[at + WORK] = work;
    this.refs[at + RESOLVE] = resolve;
    this.refs[at + REJECT] = reject;
    return record;
  }

  /** Gives the number back, keeping nothing of the record alive. */
  release(record: number): void {
    this.deadlines.remove(record);
    const at = record * STRIDE;
    this.refs[at + WORK] = undefined;
    this.refs[at + RESOLVE] = undefined;
    this.refs[at + REJECT] = undefined;
    this.refs[at + PLACE] = undefined;
    this.next[record] = this.free;
    this.free = record;
  }

  workOf(record: number): Work {
    return this.refs[record * STRIDE + WORK] as Work;
  }

  resolveOf(record: number): Settle {
    return this.refs[record * STRIDE + RESOLVE] as Settle;
  }

  rejectOf(record: number): Settle {
    return this.refs[record * STRIDE + REJECT] as Settle;
  }

  /** The line it waits in, or the slot it runs in. */
  placeOf(record: number): Line | Slot {
    return this.refs[record * STRIDE + PLACE] as Line | Slot;
  }

  setPlace(record: number, place: Line | Slot): void {
    this.refs[record * STRIDE + PLACE] = place;
  }

  private grow(): void {
    const { next, previous, sinceMs, tokens, cost, arrival } = this;
    this.capacity *= 2;
    (this.next = new Int32Array(this.capacity)).set(next);
    (this.previous = new Int32Array(this.capacity)).set(previous);
    (this.sinceMs = new Float64Array(this.capacity)).set(sinceMs);
    (this.tokens = new Float64Array(this.capacity)).set(tokens);
    (this.cost = new Uint16Array(this.capacity)).set(cost);
    (this.arrival = new Uint32Array(this.capacity)).set(arrival);
    this.refs.length = this.capacity * STRIDE;
    this.deadlines.grow(this.capacity);
  }
}
