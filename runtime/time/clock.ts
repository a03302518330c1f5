import { setTimeout as startTimer, clearTimeout as stopTimer } from 'node:timers';

/** A timer that has been armed; disposing of it stops it, also after it fired. */
export interface Timer extends Disposable {
  /** Whether it keeps the process alive; it does unless this was called with `false`. */
  keepAlive(on: boolean): void;
}

/** The only source of time in runtime and main, so that a test can hold it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970; for people and for records. */
  nowMs(): number;
  /** Monotonic, milliseconds with fractions; for durations and deadlines. */
  monoMs(): number;
  /** Calls `fire` once after `delayMs` (0 and more). */
  after(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Node keeps timer delays in 31 bits; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(delayMs, fire) {
    const handle = startTimer(fire, Math.min(delayMs, MAX_TIMER_MS));
    return {
      keepAlive: (on) => void (on ? handle.ref() : handle.unref()),
      [Symbol.dispose]: () => stopTimer(handle),
    };
  },
  sleep: (delayMs, signal) => sleepBy(systemClock, delayMs, signal),
};

/** `Clock.sleep` made of a clock's `after`. */
export function sleepBy(clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      timer[Symbol.dispose]();
      reject(signal?.reason as Error);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
