/** Slots of a level: one bit each of a 32-bit map. */
const SLOTS = 32;
const SLOT_BITS = 5;
const SLOT_MASK = SLOTS - 1;
/** Six levels of 32 slots reach 2^30 ticks of 1 ms, 12 days; what is due later is sorted in again when it is nearer. */
const LEVELS = 6;
const NONE = -1;

/**
 * Longest deadline a wheel takes, in milliseconds: 12 days. Ticks are compared modulo 2^32, so that half of it can be told
 * apart; half of that again is left for rounding up and for a wheel that is turned late.
 */
export const MAX_DEADLINE_MS = 2 ** 30;

/**
 * The deadlines of any number of records, each in constant time: no timer, no node and no sorting per record.
 *
 * A record is never due early, and late by less than one tick of 1 ms. The wheel reads no clock: its owner tells it the
 * time and asks it when to wake up.
 *
 * Source: G. Varghese, T. Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 7.
 */
export class DeadlineWheel {
  private readonly epochMs: number;
  private current = 0;
  private readonly heads = new Int32Array(SLOTS * LEVELS).fill(NONE);
  private readonly occupied = new Int32Array(LEVELS);
  private next: Int32Array<ArrayBuffer>;
  private previous: Int32Array<ArrayBuffer>;
  private due: Uint32Array<ArrayBuffer>;
  private slotOf: Int16Array<ArrayBuffer>;
  private recordCount = 0;

  /** @param epochMs Monotonic time before every deadline that will be added. */
  constructor(epochMs: number, capacity: number) {
    this.epochMs = epochMs;
    this.next = new Int32Array(capacity);
    this.previous = new Int32Array(capacity);
    this.due = new Uint32Array(capacity);
    this.slotOf = new Int16Array(capacity).fill(NONE);
  }

  /** Records that wait for their deadline. */
  get size(): number {
    return this.recordCount;
  }

  has(record: number): boolean {
    return this.slotOf[record] !== NONE;
  }

  /** Takes records below `capacity` from now on. */
  grow(capacity: number): void {
    const { next, previous, due, slotOf } = this;
    (this.next = new Int32Array(capacity)).set(next);
    (this.previous = new Int32Array(capacity)).set(previous);
    (this.due = new Uint32Array(capacity)).set(due);
    (this.slotOf = new Int16Array(capacity).fill(NONE)).set(slotOf);
  }

  /** Gives a record that has none a deadline, at most `MAX_DEADLINE_MS` ahead. Both times are monotonic. */
  add(record: number, nowMs: number, dueMs: number): void {
    // An empty wheel can be turned for free, which puts the first record on the level it belongs to.
    if (this.recordCount === 0) this.current = Math.floor(nowMs - this.epochMs) >>> 0;
    this.recordCount++;
    let tick = Math.ceil(dueMs - this.epochMs) >>> 0;
    if (((tick - this.current) | 0) <= 0) tick = (this.current + 1) >>> 0;
    this.due[record] = tick;
    this.insert(record, tick);
  }

  /** Forgets a record's deadline; nothing happens when it has none. */
  remove(record: number): void {
    if (this.slotOf[record] === NONE) return;
    this.recordCount--;
    this.unlink(record);
  }

  /** Turns the wheel to `nowMs`, calling `onDue` with each record whose deadline has passed; it may add and remove records. */
  advance(nowMs: number, onDue: (record: number) => void): void {
    const target = Math.floor(nowMs - this.epochMs) >>> 0;
    while (this.recordCount > 0) {
      const tick = this.nextTick();
      if (((target - tick) | 0) < 0) break;
      this.current = tick;
      for (let level = LEVELS - 1; level > 0; level--) {
        if ((tick & (2 ** (SLOT_BITS * level) - 1)) === 0) this.sortDown(level);
      }
      const slot = tick & SLOT_MASK;
      for (let record = this.heads[slot]!; record !== NONE; record = this.heads[slot]!) {
        this.remove(record);
        onDue(record);
      }
    }
    if (((target - this.current) | 0) > 0) this.current = target;
  }

  /** When `advance` has something to do next, in monotonic milliseconds; `undefined` when nothing has a deadline. */
  nextMs(nowMs: number): number | undefined {
    if (this.recordCount === 0) return undefined;
    const nowTick = Math.floor(nowMs - this.epochMs);
    return this.epochMs + nowTick + ((this.nextTick() - (nowTick >>> 0)) | 0);
  }

  private nextTick(): number {
    let nearest = NONE;
    for (let level = 0; level < LEVELS; level++) {
      const map = this.occupied[level]!;
      if (map === 0) continue;
      const turns = this.current >>> (SLOT_BITS * level);
      const at = turns & SLOT_MASK;
      const ahead = at === 0 ? map : (map >>> at) | (map << (SLOTS - at));
      // Above the lowest level the slot the hand points at has been sorted down, so what it holds is a whole turn away.
      const distance =
        level > 0 && (ahead & 1) === 1 && (ahead & ~1) === 0 ? SLOTS : lowestBit(level > 0 ? ahead & ~1 : ahead);
      const tick = ((turns + distance) << (SLOT_BITS * level)) >>> 0;
      if (nearest === NONE || ((tick - nearest) | 0) < 0) nearest = tick;
    }
    return nearest;
  }

  private sortDown(level: number): void {
    const slot = level * SLOTS + ((this.current >>> (SLOT_BITS * level)) & SLOT_MASK);
    for (let record = this.heads[slot]!; record !== NONE; record = this.heads[slot]!) {
      this.unlink(record);
      this.insert(record, this.due[record]!);
    }
  }

  private insert(record: number, tick: number): void {
    const distance = (tick - this.current) >>> 0;
    let level = distance === 0 ? 0 : ((31 - Math.clz32(distance)) / SLOT_BITS) | 0;
    let digit = (tick >>> (SLOT_BITS * level)) & SLOT_MASK;
    if (level >= LEVELS) {
      level = LEVELS - 1;
      digit = ((this.current >>> (SLOT_BITS * level)) - 1) & SLOT_MASK;
    }
    const slot = level * SLOTS + digit;
    const head = this.heads[slot]!;
    this.slotOf[record] = slot;
    this.previous[record] = NONE;
    this.next[record] = head;
    if (head === NONE) this.occupied[level]! |= 1 << digit;
    else this.previous[head] = record;
    this.heads[slot] = record;
  }

  private unlink(record: number): void {
    const slot = this.slotOf[record]!;
    const next = this.next[record]!;
    const previous = this.previous[record]!;
    if (next !== NONE) this.previous[next] = previous;
    if (previous !== NONE) this.next[previous] = next;
    else {
      this.heads[slot] = next;
      if (next === NONE) this.occupied[slot >>> SLOT_BITS]! &= ~(1 << (slot & SLOT_MASK));
    }
    this.slotOf[record] = NONE;
  }
}

/** The place of the lowest bit of a map that is not 0. */
function lowestBit(map: number): number {
  return 31 - Math.clz32(map & -map);
}
