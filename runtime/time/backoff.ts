/** Bounds of a series of retries. */
export interface BackoffOptions {
  /** Ceiling of the first wait. */
  readonly baseMs: number;
  /** Ceiling of every wait. */
  readonly maxMs: number;
  /** A number in [0, 1); `Math.random` unless a test holds it. */
  readonly random?: () => number;
}

/**
 * The wait before attempt `attempt + 1`, `attempt` counting from 1: exponential with full jitter,
 * uniform in [0, min(maxMs, baseMs × 2^(attempt−1))), and never shorter than `retryAfterMs`.
 *
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(attempt: number, options: BackoffOptions, retryAfterMs = 0): number {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt - 1, 30));
  return retryAfterMs + (options.random ?? Math.random)() * ceilingMs;
}
