import { AppError } from '../../../shared/errors/app-error.ts';
import type { Clock } from '../../time/clock.ts';

/** What is measured together: at least so long and so many ends, so that one slow call moves nothing. */
const WINDOW_MS = 100;
const WINDOW_ENDS = 10;
/** Latency may grow by a tenth over the unloaded one before that counts as a queue. */
const TOLERANCE = 1.1;
/** A window at least halves nothing: the limit falls no faster than that by latency alone. */
const STEEPEST = 0.5;
/** How far one window moves the limit towards what it asks for. */
const SMOOTHING = 0.2;
/** More failures than this in a window mean that the other side is overloaded; the limit is cut by `ERROR_CUT`. */
const ERROR_RATIO = 0.1;
const ERROR_CUT = 0.7;
/** How often the unloaded latency is measured anew, by running at half the limit for two windows. */
const PROBE_INTERVAL_MS = 15_000;
const PROBE_WINDOWS = 2;
/** Latency that fell to less than this by halving was still that of a queue: it is halved again. */
const PROBE_FALL = 0.8;

/** Bounds of an adaptive limit, and what it starts with. */
export interface AdaptiveLimitOptions {
  readonly min: number;
  readonly max: number;
  /** `min` unless told. */
  readonly initial?: number;
  readonly clock: Pick<Clock, 'monoMs'>;
}

/**
 * How many may run at once, found by watching: as long as latency is what it is without load the limit grows by its square
 * root a window, as soon as it is above that it shrinks in proportion, and when work fails it is cut by three tenths.
 *
 * It stays between `min` and `max`, does not grow while less than half of it is used, and at first and every 15 s runs at
 * half for two windows (and at half of that, as long as latency falls with it) to see the latency without load. It keeps no
 * timer: it moves when work ends.
 *
 * Sources: the gradient is that of Netflix's concurrency-limits (`GradientLimit` and `Gradient2Limit`), which takes it from
 * TCP Vegas (L. Brakmo, L. Peterson, IEEE JSAC 13(8), 1995); the probe is that of BBR (N. Cardwell et al., ACM Queue 14(5),
 * 2016), because a mean of latencies, as Gradient2 has it, takes a lasting overload for the norm; the cut is the
 * multiplicative half of AIMD (D.-M. Chiu, R. Jain, Computer Networks 17, 1989).
 */
export class AdaptiveLimit {
  private readonly options: AdaptiveLimitOptions;
  private estimate: number;
  private unloadedMs = Number.POSITIVE_INFINITY;
  private probeAtMs: number;
  private probeWindowsLeft = 0;
  /** 1 while it is not probing. */
  private divisor = 1;
  private lastMeanMs = 0;
  private sinceMs: number;
  private ends = 0;
  private failures = 0;
  private sumMs = 0;
  private mostRunning = 0;

  /** @throws {AppError} SETTING_INVALID unless 1 ≤ `min` ≤ `initial` ≤ `max`, whole numbers. */
  constructor(options: AdaptiveLimitOptions) {
    const { min, max, initial = min, clock } = options;
    if (![min, initial, max].every(Number.isSafeInteger) || min < 1 || initial < min || max < initial) {
      throw new AppError(
        'SETTING_INVALID',
        `An adaptive limit takes 1 ≤ min ≤ initial ≤ max, not ${min}, ${initial}, ${max}.`,
      );
    }
    this.options = options;
    this.estimate = initial;
    this.sinceMs = clock.monoMs();
    this.probeAtMs = this.sinceMs;
  }

  /** How many may run at once now. */
  get limit(): number {
    return Math.max(this.options.min, Math.floor(this.estimate / this.divisor));
  }

  /** Notes the end of one piece of work; `running` counts it and those that still run. */
  noteEnd(runMs: number, hasFailed: boolean, running: number): void {
    this.ends++;
    if (hasFailed) this.failures++;
    else this.sumMs += runMs;
    this.mostRunning = Math.max(this.mostRunning, running);
    const nowMs = this.options.clock.monoMs();
    if (this.ends < WINDOW_ENDS || nowMs - this.sinceMs < WINDOW_MS) return;
    this.endWindow(nowMs);
    this.sinceMs = nowMs;
    this.ends = this.failures = this.sumMs = this.mostRunning = 0;
  }

  private endWindow(nowMs: number): void {
    const { ends, failures } = this;
    const meanMs = this.sumMs / Math.max(1, ends - failures);
    if (failures > ends * ERROR_RATIO) {
      this.divisor = 1;
      this.moveTo(this.estimate * ERROR_CUT);
    } else if (this.divisor > 1) {
      // The first window of a probe still holds what began before it.
      if (--this.probeWindowsLeft === 0) this.endProbe(meanMs);
    } else {
      this.unloadedMs = Math.min(this.unloadedMs, meanMs);
      this.followGradient(meanMs);
      if (nowMs < this.probeAtMs) return;
      this.probeAtMs = nowMs + PROBE_INTERVAL_MS;
      this.probeAtHalf(meanMs);
    }
  }

  private probeAtHalf(meanMs: number): void {
    this.divisor *= 2;
    this.probeWindowsLeft = PROBE_WINDOWS;
    this.lastMeanMs = meanMs;
  }

  private endProbe(meanMs: number): void {
    if (meanMs < this.lastMeanMs * PROBE_FALL && this.limit > this.options.min) return this.probeAtHalf(meanMs);
    this.divisor = 1;
    this.unloadedMs = meanMs;
  }

  private followGradient(meanMs: number): void {
    const gradient = meanMs > 0 ? Math.max(STEEPEST, Math.min(1, (TOLERANCE * this.unloadedMs) / meanMs)) : 1;
    const wanted = this.estimate * gradient + Math.sqrt(this.estimate);
    if (wanted > this.estimate && this.mostRunning < this.estimate / 2) return;
    this.moveTo(this.estimate + (wanted - this.estimate) * SMOOTHING);
  }

  private moveTo(estimate: number): void {
    this.estimate = Math.min(this.options.max, Math.max(this.options.min, estimate));
  }
}
