import type { RunState } from './states.ts';

/** How long a run has been at work: the stretches that are over, and the one that lasts. */
export interface RunStretches {
  /** Of the stretches that are over, in milliseconds. */
  readonly workedMs: number;
  /** Since when the present stretch lasts (wall clock); absent while the run is not at work. */
  readonly workingSinceMs?: number;
}

/** A run that has not begun. */
export const NO_STRETCHES: RunStretches = { workedMs: 0 };

/**
 * The stretches of a run after it has entered `state` at `atMs` (wall clock). A stretch begins when the run begins or goes on
 * and ends when it is paused or over.
 *
 * The one rule by which a run's time is counted: a live run and history both fold its changes of state with it. So a pause,
 * and the time between an end and a resume, whether the program ran or not, is no time that the run took.
 */
export function noteRunState({ workedMs, workingSinceMs }: RunStretches, state: RunState, atMs: number): RunStretches {
  if (state === 'running' || state === 'stopping') return { workedMs, workingSinceMs: workingSinceMs ?? atMs };
  return { workedMs: workedMs + Math.max(0, atMs - (workingSinceMs ?? atMs)) };
}

/** How long a run took, or has taken until `nowMs` (wall clock) while it is at work, in milliseconds. */
export function tookMs({ workedMs, workingSinceMs }: RunStretches, nowMs: number): number {
  return workedMs + Math.max(0, nowMs - (workingSinceMs ?? nowMs));
}
