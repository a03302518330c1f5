import { SampleRing } from '../telemetry/sample-ring.ts';
import { Sampler } from '../telemetry/sampler.ts';
import type { CoarseClock } from '../time/coarse-clock.ts';
import { DrainRate } from './drain-rate.ts';
import type { LaneStats } from './gate.ts';

/** A time that was not taken. */
export const UNTIMED = -0.5;
/** Weight of a new sample in the mean run time: the last twenty or so decide. */
const MEAN_WEIGHT = 0.1;

/** What a lane tells of itself: counts of everything, times of a sample (see `Sampler`), in memory of fixed size. */
export class LaneFigures {
  completed = 0;
  failed = 0;
  refused = 0;
  cancelled = 0;
  timedOut = 0;
  private readonly coarse: CoarseClock;
  private readonly sampler = new Sampler();
  private readonly waits = new SampleRing();
  private readonly runs = new SampleRing();
  private readonly drain = new DrainRate();
  private meanRunMs = 0;

  constructor(coarse: CoarseClock) {
    this.coarse = coarse;
  }

  /** The time now when the next one is a sample, else `UNTIMED`. */
  sampledMs(): number {
    if (!this.sampler.isNext()) return UNTIMED;
    const nowMs = this.coarse.refresh();
    this.sampler.taken(nowMs);
    return nowMs;
  }

  noteWait(waitMs: number): void {
    this.waits.record(waitMs);
  }

  /** Answers how long it ran. */
  noteRunSince(sinceMs: number): number {
    const runMs = this.coarse.refresh() - sinceMs;
    this.runs.record(runMs);
    this.meanRunMs += this.meanRunMs === 0 ? runMs : (runMs - this.meanRunMs) * MEAN_WEIGHT;
    return runMs;
  }

  /** How much the lane ends in a millisecond: as measured of late, else going by the mean run time; 0 when nobody knows. */
  drainPerMs(slots: number): number {
    return this.drain.perMs(this.coarse.monoMs(), this.completed + this.failed, this.endsPerMs(slots));
  }

  /** How much `slots` busy slots end in a millisecond, going by the mean run time; 0 before the first sample. */
  endsPerMs(slots: number): number {
    return this.meanRunMs > 0 ? slots / this.meanRunMs : 0;
  }

  /** All figures with what the lane is and holds now. */
  toStats(now: Pick<LaneStats, 'name' | 'running' | 'waiting' | 'maxRunning' | 'queueCapacity'>): LaneStats {
    const { completed, failed, refused, cancelled, timedOut } = this;
    const [waitP50Ms, waitP99Ms] = this.waits.percentiles(0.5, 0.99) ?? [];
    const [runP50Ms, runP99Ms] = this.runs.percentiles(0.5, 0.99) ?? [];
    const times = { waitP50Ms, waitP99Ms, runP50Ms, runP99Ms };
    return { ...now, completed, failed, refused, cancelled, timedOut, ...times };
  }
}
