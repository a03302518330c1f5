/** How long one stretch of work may hold the event loop before it lets other events through. */
const SLICE_MS = 2;
/** Waiters let through at the start of a slice before it is known how long they take. */
const FIRST_BATCH = 8;

/**
 * Lets long chains of work that never wait for anything give way to the event loop.
 *
 * Work that is resolved from memory runs as one chain of microtasks, during which no timer fires and no socket is read.
 * Whoever drives such a chain passes here between its steps. Those who wait are let through in order, as many at a time as
 * the last slice shows to fit.
 */
export interface Slices {
  /** `undefined` while the current slice lasts and nobody waits (no allocation), else a promise of a place in a later one. */
  pass(): Promise<void> | undefined;
}

/** Slices of 2 ms, counted from the moment the event loop came round. */
export function createSlices(monoMs: () => number): Slices {
  const waiting: (() => void)[] = [];
  let untilMs = 0;
  let batch = FIRST_BATCH;
  let isArmed = false;
  const begin = (): void => {
    const nowMs = monoMs();
    if (isArmed) batch = nowMs > untilMs + SLICE_MS ? Math.max(1, batch >> 1) : batch + 1;
    untilMs = nowMs + SLICE_MS;
    for (const resolve of waiting.splice(0, batch)) resolve();
    isArmed = waiting.length > 0;
    if (isArmed) setImmediate(begin);
  };
  return {
    pass() {
      if (waiting.length === 0 && monoMs() < untilMs) return undefined;
      if (waiting.length === 0) setImmediate(begin);
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
