import type { Clock } from '../../time/clock.ts';

/** The state of one limit after a request, for the headers. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Until it is whole again. */
  readonly resetMs: number;
}

/** Whether a request may go on, with what the headers say. */
export interface Admission {
  /** Absent when admitted: else how long to wait, milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Which limit refused. */
  readonly refusedBy: 'requests' | 'tokens' | undefined;
  /** Absent when there is no such limit. */
  readonly requests: LimitState | undefined;
  readonly tokens: LimitState | undefined;
}

/** The provider's own limits. */
export interface RateLimits {
  /** Takes one request and its input tokens when there is room for both; takes nothing else. */
  admit(inputTokens: number): Admission;
  /** Takes the tokens of an answer; the balance may go below zero and holds back later requests. */
  charge(outputTokens: number): void;
}

const MINUTE_MS = 60_000;

interface Bucket {
  readonly limit: number;
  level: number;
  atMonoMs: number;
}

/**
 * Opens token buckets that hold one minute's allowance and refill continuously; 0 means no limit. A
 * request larger than the whole allowance is admitted when the bucket is full.
 *
 * Source: J. Turner, "New directions in communications", IEEE Communications 24(10), 1986.
 */
export function openRateLimits(clock: Clock, requestsPerMin: number, tokensPerMin: number): RateLimits {
  const requests = toBucket(requestsPerMin, clock);
  const tokens = toBucket(tokensPerMin, clock);
  return {
    admit(inputTokens) {
      refill(requests, clock);
      refill(tokens, clock);
      const requestsWaitMs = waitMs(requests, 1);
      const tokensWaitMs = waitMs(tokens, inputTokens);
      const longestMs = Math.max(requestsWaitMs, tokensWaitMs);
      if (longestMs === 0) {
        if (requests) requests.level -= 1;
        if (tokens) tokens.level -= inputTokens;
      }
      const refusedBy = longestMs === 0 ? undefined : requestsWaitMs >= tokensWaitMs ? 'requests' : 'tokens';
      return {
        retryAfterMs: longestMs === 0 ? undefined : longestMs,
        refusedBy,
        requests: toState(requests),
        tokens: toState(tokens),
      };
    },
    charge(outputTokens) {
      refill(tokens, clock);
      if (tokens) tokens.level -= outputTokens;
    },
  };
}

function toBucket(limit: number, clock: Clock): Bucket | undefined {
  return limit > 0 ? { limit, level: limit, atMonoMs: clock.monoMs() } : undefined;
}

function refill(bucket: Bucket | undefined, clock: Clock): void {
  if (!bucket) return;
  const nowMs = clock.monoMs();
  bucket.level = Math.min(bucket.limit, bucket.level + ((nowMs - bucket.atMonoMs) / MINUTE_MS) * bucket.limit);
  bucket.atMonoMs = nowMs;
}

function waitMs(bucket: Bucket | undefined, cost: number): number {
  if (!bucket) return 0;
  const short = Math.min(cost, bucket.limit) - bucket.level;
  return short <= 0 ? 0 : Math.ceil((short / bucket.limit) * MINUTE_MS);
}

function toState(bucket: Bucket | undefined): LimitState | undefined {
  if (!bucket) return undefined;
  return {
    limit: bucket.limit,
    remaining: Math.max(0, Math.floor(bucket.level)),
    resetMs: Math.ceil(((bucket.limit - bucket.level) / bucket.limit) * MINUTE_MS),
  };
}
