import { AppError } from '../../shared/errors/app-error.ts';
import type { Clock } from '../time/clock.ts';
import type { Pace } from './gate.ts';

/** Limits over time; one that is absent does not limit. */
interface TokenBucketLimits {
  readonly requestsPerMin?: number;
  readonly tokensPerMin?: number;
}

/** What `openTokenBucket` is told. */
export interface TokenBucketOptions extends TokenBucketLimits {
  readonly clock: Clock;
}

/** A pace whose charge may be put right when the real number of tokens is known. */
export interface TokenBucket extends Pace {
  /** Takes more than was charged before; the bucket may go below nothing, which makes the next one wait. */
  charge(tokens: number): void;
  /** Gives back what was charged and not used; never above the bucket's size. */
  refund(tokens: number): void;
  /** Takes nothing for `ms` from now on: a provider said `Retry-After`. A longer hold that is under way stays. */
  holdFor(ms: number): void;
  /** Changes the limits; what is in the buckets is kept, up to their new size. */
  reconfigure(limits: TokenBucketLimits): void;
}

const MINUTE_MS = 60_000;
/** How much may be taken at once after a quiet time: a tenth of a minute's share, as providers' own limits do not wait for a full minute. */
const BURST_RATIO = 0.1;

/**
 * A token bucket for requests and one for tokens; a take needs both.
 *
 * Each bucket fills evenly and holds a tenth of a minute's share (at least one request). Something larger than the token
 * bucket is let through when the bucket is full and leaves it below nothing, so that it waits but is never stuck. No timer:
 * the level is worked out from the time that has passed.
 *
 * Source: J. Turner, "New Directions in Communications (or Which Way to the Information Age?)", IEEE Communications
 * Magazine 24(10), 1986; RFC 2697 for the terms.
 *
 * @throws {AppError} SETTING_INVALID when a limit is not above 0.
 */
export function openTokenBucket(options: TokenBucketOptions): TokenBucket {
  return new TwoBuckets(options);
}

class TwoBuckets implements TokenBucket {
  private readonly clock: Clock;
  private requests: Bucket | undefined;
  private tokens: Bucket | undefined;
  private heldUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: TokenBucketOptions) {
    this.clock = options.clock;
    this.reconfigure(options);
  }

  take(tokens: number): number {
    const nowMs = this.clock.monoMs();
    const waitMs = Math.max(
      this.heldUntilMs - nowMs,
      this.requests?.waitMs(1, nowMs) ?? 0,
      this.tokens?.waitMs(tokens, nowMs) ?? 0,
    );
    if (waitMs > 0) return waitMs;
    this.requests?.add(-1);
    this.tokens?.add(-tokens);
    return 0;
  }

  charge(tokens: number): void {
    this.tokens?.add(-tokens);
  }

  refund(tokens: number): void {
    this.tokens?.add(tokens);
  }

  holdFor(ms: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, this.clock.monoMs() + ms);
  }

  reconfigure(limits: TokenBucketLimits): void {
    const nowMs = this.clock.monoMs();
    const requests = resized(this.requests, 'requestsPerMin', limits.requestsPerMin, nowMs);
    this.tokens = resized(this.tokens, 'tokensPerMin', limits.tokensPerMin, nowMs);
    this.requests = requests;
  }
}

function resized(old: Bucket | undefined, key: string, perMin: number | undefined, nowMs: number): Bucket | undefined {
  if (perMin === undefined) return undefined;
  if (!(perMin > 0)) throw new AppError('SETTING_INVALID', `${key} is ${perMin}; it takes a number above 0.`);
  return new Bucket(perMin, nowMs, old?.levelAt(nowMs));
}

class Bucket {
  private readonly perMs: number;
  private readonly size: number;
  private level: number;
  private atMs: number;

  constructor(perMin: number, nowMs: number, level = Number.POSITIVE_INFINITY) {
    this.perMs = perMin / MINUTE_MS;
    this.size = Math.max(1, perMin * BURST_RATIO);
    this.level = Math.min(level, this.size);
    this.atMs = nowMs;
  }

  levelAt(nowMs: number): number {
    this.level = Math.min(this.size, this.level + (nowMs - this.atMs) * this.perMs);
    this.atMs = nowMs;
    return this.level;
  }

  /** Until `count` may be taken; 0 when it may be now. */
  waitMs(count: number, nowMs: number): number {
    const missing = Math.min(count, this.size) - this.levelAt(nowMs);
    // Rounding leaves crumbs of a token; without this the last of them would be waited for in steps of nothing.
    return missing <= 1e-6 ? 0 : Math.max(missing / this.perMs, 1e-3);
  }

  add(count: number): void {
    this.level = Math.min(this.size, this.level + count);
  }
}
