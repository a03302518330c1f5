import type { Clock, Timer } from '../time/clock.ts';

/** Something with a deadline; one list at a time. */
export interface Limited<Self> {
  deadlineAtMonoMs: number;
  previousLimited: Self | undefined;
  nextLimited: Self | undefined;
  /** Called once, when the deadline has passed; it is out of the list then. */
  expire(): void;
}

/**
 * Deadlines that all lie the same time ahead when they are added, so that the oldest is always the next one: one timer
 * for all of them, and constant time to add and remove.
 */
export class DeadlineList<Item extends Limited<Item>> {
  /** How far ahead its deadlines lie. */
  readonly limitMs: number;
  readonly #clock: Clock;
  #first: Item | undefined;
  #last: Item | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.limitMs = limitMs;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  add(item: Item, nowMonoMs: number): void {
    item.deadlineAtMonoMs = nowMonoMs + this.limitMs;
    item.previousLimited = this.#last;
    item.nextLimited = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.nextLimited = item;
    this.#last = item;
    if (this.#timer === undefined) this.#arm(this.limitMs);
  }

  /** Takes out what is in the list; nothing happens to what is not. */
  remove(item: Item): void {
    const { previousLimited: previous, nextLimited: next } = item;
    if (previous === undefined && this.#first !== item) return;
    if (previous === undefined) this.#first = next;
    else previous.nextLimited = next;
    if (next === undefined) this.#last = previous;
    else next.previousLimited = previous;
    item.previousLimited = undefined;
    item.nextLimited = undefined;
  }

  /** What is in the list now, oldest first. */
  items(): Item[] {
    const items: Item[] = [];
    for (let item = this.#first; item !== undefined; item = item.nextLimited) items.push(item);
    return items;
  }

  /** Stops the timer; nothing expires any more. */
  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#first = undefined;
    this.#last = undefined;
  }

  // The timer is left alone when its item goes: it fires once per limit, looks, and is armed again for what is there then.
  #arm(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, this.#onTimer);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const nowMs = this.#clock.monoMs();
    for (let item = this.#first; item !== undefined && item.deadlineAtMonoMs <= nowMs; item = this.#first) {
      this.remove(item);
      item.expire();
    }
    if (this.#first !== undefined && this.#timer === undefined) {
      this.#arm(Math.max(1, Math.ceil(this.#first.deadlineAtMonoMs - nowMs)));
    }
  };
}
