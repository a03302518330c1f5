import type { AppError } from '../../shared/errors/app-error.ts';
import type { LaneName } from './gate.ts';

/** Holds back starts in many lanes though they have slots free: set by whoever watches something that all of them use up. */
export interface StartBar {
  /** What is short; why held work waits. */
  readonly reason: 'memory';
  /** Whether work of this lane uses it up. */
  covers(lane: LaneName): boolean;
  /** Work that may run in each lane all the same, 1 and more: what holds what is short can only give it back by going on. */
  readonly floorRunning: number;
  /** How many more may run in each lane than do when the bar is set; 0 lets nothing take the place of what ends. */
  readonly extraStarts: number;
  /** What a launch is refused with that `Gate.checkStart` is asked about; it waits where this is absent. */
  readonly refusal?: (lane: LaneName) => AppError;
}

/** The ceiling that a bar sets a lane in which `running` run. */
export function toBarCeiling(bar: StartBar | undefined, running: number): number {
  if (bar === undefined) return Number.POSITIVE_INFINITY;
  return bar.extraStarts === 0 ? bar.floorRunning : Math.max(bar.floorRunning, running + bar.extraStarts);
}
