import { sleepBy, type Clock, type Timer } from '../../runtime/time/clock.ts';

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves time, firing each timer that comes due, in order, at its own time, and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Timers that have neither fired nor been stopped. */
  readonly pendingCount: number;
}

/** How many turns of the microtask queue a continuation may be deep. */
const SETTLE_TURNS = 20;

/** Lets everything that is ready continue, without a real timer. */
export async function settleMicrotasks(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve();
}

/** Moves a manual clock in steps, letting the event loop come round in between, for work that gives way to it. */
export async function advanceInSteps(clock: ManualClock, ms: number, stepMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
    await clock.advance(stepMs);
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** @param startMs Wall clock at the beginning; the monotonic clock begins at 0. */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  const pending = new Set<Pending>();
  let nowMs = 0;
  let order = 0;
  const clock: ManualClock = {
    nowMs: () => startMs + nowMs,
    monoMs: () => nowMs,
    after(delayMs, fire): Timer {
      const timer: Pending = { dueMs: nowMs + delayMs, order: order++, fire };
      pending.add(timer);
      return { keepAlive: () => {}, [Symbol.dispose]: () => void pending.delete(timer) };
    },
    sleep: (delayMs, signal) => sleepBy(clock, delayMs, signal),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settleMicrotasks();
      for (;;) {
        const next = [...pending].toSorted((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
        if (next === undefined || next.dueMs > untilMs) break;
        pending.delete(next);
        nowMs = Math.max(nowMs, next.dueMs);
        next.fire();
        await settleMicrotasks();
      }
      nowMs = untilMs;
      await settleMicrotasks();
    },
    get pendingCount() {
      return pending.size;
    },
  };
  return clock;
}
