import type { CacheLimits } from './cache.ts';
import type { HitForecast } from './foresight.ts';
import type { PolicyKind } from './policies/create-policy.ts';

/** Why entries left. Their sum and `entries` is `added`. */
export interface LeftCounts {
  /** Room was needed: for one entry more, for bytes, or because the limits were lowered. */
  readonly entries: number;
  readonly bytes: number;
  readonly resize: number;
  /** Their time was over. */
  readonly expired: number;
  readonly deleted: number;
  readonly cleared: number;
  /** Overwritten by a value that was not kept. */
  readonly replaced: number;
}

/** Why an entry left. */
export type LeaveReason = keyof LeftCounts;

/** What a cache holds and what it did since it was made. */
export interface CacheFigures {
  readonly entries: number;
  readonly bytes: number;
  readonly pinnedEntries: number;
  readonly pinnedBytes: number;
  readonly limits: CacheLimits;
  /** Whether there is still more in it than lowered limits allow. */
  readonly isDraining: boolean;
  readonly policy: { readonly wanted: PolicyKind; readonly effective: PolicyKind };
  /** Answers from memory; of them stale ones, and ones that say that there is nothing. */
  readonly hits: number;
  readonly staleHits: number;
  readonly negativeHits: number;
  readonly misses: number;
  readonly added: number;
  readonly left: LeftCounts;
  /** Values that were not kept. */
  readonly refused: number;
  readonly loads: {
    readonly running: number;
    readonly ended: number;
    readonly failed: number;
    /** Callers that waited for a load of another. */
    readonly joined: number;
    /** `undefined` before the first. */
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
  };
  /** `undefined` while nothing had to be evicted. */
  readonly forecast: HitForecast | undefined;
}
