/** Tasks that a thread may hold at once, sent and not yet answered; a power of two. */
export const SLOTS = 1_024;
/** Turns a count into a slot. */
export const SLOT_MASK = SLOTS - 1;

/** 1 MB: a thousand answers of 1 KB, as many as a thread may hold. The pages are taken when they are first written. */
export const RING_WORDS = 262_144;

/** Places among the control words. */
export const CONTROL = {
  /** Raised by the owner with each message; the thread sleeps on it. */
  wake: 0,
  /** 1 while the owner has been told of answers that it has not looked at. */
  bell: 1,
  /** Tasks begun since the start. */
  begunCount: 2,
  /** Words of the ring read by the owner and written by the thread, both modulo 2^32. */
  readWords: 3,
  writtenWords: 4,
} as const;

/** Places among the figures. */
export const FIGURE = {
  heapUsedBytes: 0,
  heapLimitBytes: 1,
  externalBytes: 2,
  /** Time spent awake before `busySinceMs`. */
  busyMs: 3,
  /** When the thread last woke up, on the clock of `monotonicMs`; 0 while it sleeps. */
  busySinceMs: 4,
} as const;

/**
 * What a slot says of its task. The thread begins only what it turns from `sent` into `begun`, and the owner takes back only
 * what it turns from `sent` into `taken`, so that each task is had by exactly one of them, also when the other is stuck.
 */
export const CLAIM = { free: 0, sent: 1, begun: 2, taken: 3 } as const;

const CONTROL_WORDS = 16;
const FIGURES = 8;

/** The parts of the memory that a cpu thread and its owner share. */
export interface SharedCells {
  readonly control: Int32Array;
  readonly figures: Float64Array;
  readonly claims: Int32Array;
  readonly ring: Int32Array;
  /** The bytes of `ring`. */
  readonly bytes: Buffer;
}

/** Memory for one thread, all zero. */
export function createSharedMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(FIGURES * 8 + (CONTROL_WORDS + SLOTS + RING_WORDS) * 4);
}

/** The parts of `shared`, which came from `createSharedMemory`. */
export function toCells(shared: SharedArrayBuffer): SharedCells {
  const controlAt = FIGURES * 8;
  const claimsAt = controlAt + CONTROL_WORDS * 4;
  const ringAt = claimsAt + SLOTS * 4;
  return {
    figures: new Float64Array(shared, 0, FIGURES),
    control: new Int32Array(shared, controlAt, CONTROL_WORDS),
    claims: new Int32Array(shared, claimsAt, SLOTS),
    ring: new Int32Array(shared, ringAt, RING_WORDS),
    bytes: Buffer.from(shared, ringAt, RING_WORDS * 4),
  };
}

/** Milliseconds on the machine's monotonic clock, which all threads share (`performance.now()` begins with its thread). */
export function monotonicMs(): number {
  return performance.now() + THREAD_OFFSET_MS;
}

const [seconds, nanoseconds] = process.hrtime();
const THREAD_OFFSET_MS = seconds * 1_000 + nanoseconds / 1e6 - performance.now();
