import { AppError } from '../../../shared/errors/app-error.ts';
import type { Clock } from '../../time/clock.ts';

const SECOND_MS = 1_000;
/** The scales: the short one follows a change within seconds, the long one does not take chance for a change. */
const SHORT_SEC = 8;
const LONG_SEC = 30;
/** Arrivals at random (Poisson) have a variance as large as their mean; above this many times it they are changing. */
const DISPERSION = 3;
/** Workers are to be busy for this part of the time, so that work rarely finds none free. */
const BUSY_RATIO = 0.7;

/** Bounds of how many workers are asked for. */
export interface ArrivalScalerOptions {
  readonly min: number;
  readonly max: number;
  readonly clock: Pick<Clock, 'monoMs'>;
}

/** How many workers the arrivals ask for, and why. */
export interface WantedWorkers {
  readonly workers: number;
  readonly arrivalsPerSec: number;
  /** The scale the rate was taken from. */
  readonly scale: 'short' | 'long';
}

/**
 * How many workers a stream of work needs: its rate times the time one piece takes (Little's law), at 70 % busy.
 *
 * The rate is taken over 30 s while arrivals vary no more than chance has it, over 8 s as soon as they vary more (index of
 * dispersion of the counts per second above 3). More workers are asked for at once; fewer only when they were not needed for
 * 30 s, so that a pause between two bursts takes nothing away that is needed again. It keeps no timer and 62 numbers.
 *
 * Sources: J. Little, Operations Research 9(3), 1961; D. Cox, P. Lewis, "The Statistical Analysis of Series of Events",
 * 1966, for the index of dispersion; the pair of windows, and that it holds on to the most it needed,
 * is that of the panic and stable modes of Knative's autoscaler.
 */
export class ArrivalScaler {
  private readonly options: ArrivalScalerOptions;
  private readonly startSec: number;
  /** Arrivals by second, a ring; the current second is not full yet and is not counted. */
  private readonly counts = new Float64Array(LONG_SEC + 1);
  /** The most workers that were needed, by second. */
  private readonly needs = new Float64Array(LONG_SEC + 1);
  private currentSec: number;

  /** @throws {AppError} SETTING_INVALID unless 0 ≤ `min` ≤ `max`, whole numbers. */
  constructor(options: ArrivalScalerOptions) {
    const { min, max, clock } = options;
    if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min < 0 || max < min) {
      throw new AppError('SETTING_INVALID', `Workers are scaled between 0 ≤ min ≤ max, not ${min} and ${max}.`);
    }
    this.options = options;
    this.startSec = this.currentSec = Math.floor(clock.monoMs() / SECOND_MS);
  }

  /** Notes that `count` pieces of work have come. */
  noteArrivals(count = 1): void {
    this.turn();
    this.counts[this.currentSec % this.counts.length]! += count;
  }

  /** How many workers are wanted now, when one piece of work takes `meanRunMs`; to be asked once a second or more often. */
  wanted(meanRunMs: number): WantedWorkers {
    this.turn();
    const long = this.rateOver(LONG_SEC);
    const short = this.rateOver(SHORT_SEC);
    const scale = long.variance > DISPERSION * long.mean ? 'short' : 'long';
    const arrivalsPerSec = scale === 'short' ? short.mean : long.mean;
    const at = this.currentSec % this.needs.length;
    this.needs[at] = Math.max(this.needs[at]!, this.workersFor(arrivalsPerSec, meanRunMs));
    return { workers: Math.max(...this.needs), arrivalsPerSec, scale };
  }

  private workersFor(arrivalsPerSec: number, meanRunMs: number): number {
    const { min, max } = this.options;
    return Math.min(max, Math.max(min, Math.ceil((arrivalsPerSec * meanRunMs) / SECOND_MS / BUSY_RATIO)));
  }

  /** Mean and variance of the last full seconds, fewer at the beginning. */
  private rateOver(seconds: number): { readonly mean: number; readonly variance: number } {
    const known = Math.min(seconds, this.currentSec - this.startSec);
    if (known === 0) return { mean: 0, variance: 0 };
    let sum = 0;
    let squares = 0;
    for (let back = 1; back <= known; back++) {
      const count = this.counts[(this.currentSec - back) % this.counts.length]!;
      sum += count;
      squares += count * count;
    }
    const mean = sum / known;
    return { mean, variance: squares / known - mean * mean };
  }

  private turn(): void {
    const nowSec = Math.floor(this.options.clock.monoMs() / SECOND_MS);
    const first = Math.max(this.currentSec + 1, nowSec - LONG_SEC);
    for (let sec = first; sec <= nowSec; sec++) {
      this.counts[sec % this.counts.length] = 0;
      this.needs[sec % this.needs.length] = 0;
    }
    this.currentSec = Math.max(this.currentSec, nowSec);
  }
}
