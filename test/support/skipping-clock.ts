import { sleepBy, systemClock, type Clock, type Timer } from '../../runtime/time/clock.ts';
import { settleMicrotasks } from './manual-clock.ts';

/** The clock of the machine, which a test may move ahead: real work goes on in real time, long waits take none. */
export interface SkippingClock extends Clock {
  /** Moves time ahead, firing each timer that comes due, in order, at its own time, and letting promises settle in between. */
  skip(ms: number): Promise<void>;
}

interface Pending {
  readonly dueMs: number;
  readonly fire: () => void;
  isAlive: boolean;
  real: Timer;
}

/** Makes a clock that has not been moved yet. */
export function skippingClock(): SkippingClock {
  const pending = new Set<Pending>();
  let skippedMs = 0;
  const monoMs = (): number => systemClock.monoMs() + skippedMs;
  const fire = (timer: Pending): void => {
    timer.real[Symbol.dispose]();
    if (pending.delete(timer)) timer.fire();
  };
  const arm = (timer: Pending): void => {
    timer.real[Symbol.dispose]();
    timer.real = systemClock.after(Math.max(0, timer.dueMs - monoMs()), () => fire(timer));
    timer.real.keepAlive(timer.isAlive);
  };
  const clock: SkippingClock = {
    nowMs: () => systemClock.nowMs() + skippedMs,
    monoMs,
    after(delayMs, onDue): Timer {
      const real = systemClock.after(delayMs, () => fire(timer));
      const timer: Pending = { dueMs: monoMs() + delayMs, fire: onDue, isAlive: true, real };
      pending.add(timer);
      return {
        keepAlive(on) {
          timer.isAlive = on;
          timer.real.keepAlive(on);
        },
        [Symbol.dispose]() {
          timer.real[Symbol.dispose]();
          pending.delete(timer);
        },
      };
    },
    sleep: (delayMs, signal) => sleepBy(clock, delayMs, signal),
    async skip(ms) {
      const untilMs = monoMs() + ms;
      for (;;) {
        const next = [...pending].toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (next === undefined || next.dueMs > untilMs) break;
        skippedMs += Math.max(0, next.dueMs - monoMs());
        fire(next);
        await settleMicrotasks();
      }
      skippedMs += Math.max(0, untilMs - monoMs());
      for (const timer of pending) arm(timer);
      await settleMicrotasks();
    },
  };
  return clock;
}
