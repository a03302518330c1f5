import type { CoarseClock } from '../time/coarse-clock.ts';
import { AdaptiveLimit } from './adaptive/adaptive-limit.ts';
import type { LaneLimits, LaneName } from './gate.ts';
import { toBarCeiling, type StartBar } from './start-bar.ts';

/** How many may run in a lane now: its limit, or what an adaptive one has found, or less while a bar holds starts back. */
export class LaneCeiling {
  /** What holds now. */
  max = 0;
  private readonly lane: LaneName;
  private readonly coarse: CoarseClock;
  private limits: LaneLimits | undefined;
  private adaptive: AdaptiveLimit | undefined;
  private bar: StartBar | undefined;
  private barMax = Number.POSITIVE_INFINITY;

  constructor(lane: LaneName, coarse: CoarseClock) {
    this.lane = lane;
    this.coarse = coarse;
  }

  /** Slots there are, were it not for a bar. */
  get slots(): number {
    return this.adaptive?.limit ?? this.limits?.maxRunning ?? 0;
  }

  setLimits(limits: LaneLimits): void {
    const { limits: old, adaptive } = this;
    const hasSameBounds = limits.maxRunning === old?.maxRunning && limits.minRunning === old.minRunning;
    if (!hasSameBounds || adaptive === undefined) this.adaptive = this.adaptTo(limits);
    this.limits = limits;
    this.settle();
  }

  /** @param running What runs at this moment; a bar's extra starts are counted from there. */
  setBar(bar: StartBar | undefined, running: number): void {
    this.bar = bar?.covers(this.lane) ? bar : undefined;
    this.barMax = toBarCeiling(this.bar, running);
    this.settle();
  }

  /** The bar that keeps slots free at this moment. */
  barOver(running: number): StartBar | undefined {
    return running >= this.barMax && running < this.slots ? this.bar : undefined;
  }

  /** Takes up how long work ran; `isBad` when it failed, or ended after its deadline. */
  noteEnd(runMs: number, isBad: boolean, running: number): void {
    if (this.adaptive === undefined) return;
    this.adaptive.noteEnd(runMs, isBad, running);
    this.settle();
  }

  /** A limit that goes on from what the lane runs with now. */
  private adaptTo({ minRunning: min, maxRunning: max }: LaneLimits): AdaptiveLimit | undefined {
    if (min === undefined) return undefined;
    const initial = this.adaptive === undefined ? min : Math.min(max, Math.max(min, this.adaptive.limit));
    return new AdaptiveLimit({ min, max, initial, clock: this.coarse });
  }

  private settle(): void {
    this.max = Math.min(this.slots, this.barMax);
  }
}
