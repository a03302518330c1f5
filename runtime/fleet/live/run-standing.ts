import type { AppError } from '../../../shared/errors/app-error.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { RunId } from '../../../shared/model/ids.ts';
import type { RunProgress } from '../../../shared/model/run-summary.ts';
import type { FleetBudget } from '../../../shared/fleet/fleet-schema.ts';
import { NO_STRETCHES, noteRunState, type RunStretches } from '../../../shared/model/run-times.ts';
import { isFinalRunState, type RunState } from '../../../shared/model/states.ts';
import type { Clock } from '../../time/clock.ts';
import type { RunListener } from '../live-run.ts';

/** What is known of a run from before it was resumed. */
export interface EarlierLives extends RunStretches {
  /** When it was first launched (wall clock). */
  readonly launchedAtMs: number;
}

/** What an entered state is told with. */
export interface StateWords {
  readonly reason?: string | undefined;
  readonly error?: AppError | undefined;
  /** The run's budget from now on. */
  readonly budget?: FleetBudget | undefined;
}

/** What a run's standing is kept with. */
export interface RunStandingParts {
  readonly runId: RunId;
  readonly sink: EventSink;
  readonly clock: Clock;
  /** When it was first launched, and its earlier lives; it begins now when they are absent. */
  readonly earlier: EarlierLives | undefined;
  /** What of its progress others count. */
  readonly counts: () => Omit<
    RunProgress,
    'runId' | 'state' | 'reason' | 'startedAtMs' | 'endedAtMs' | keyof RunStretches
  >;
}

/** The state of one run and since when; each change leaves as an event and is told to those who watch. */
export class RunStanding {
  /** When this life of the run began (wall clock). */
  readonly beganAtMs: number;
  /** When it was first launched. */
  readonly startedAtMs: number;
  readonly listeners = new Set<RunListener>();
  readonly #parts: RunStandingParts;
  #endedAtMs: number | undefined;
  #stretches: RunStretches;
  #state: RunState = 'queued';
  #reason: string | undefined;

  constructor(parts: RunStandingParts) {
    this.#parts = parts;
    this.beganAtMs = parts.clock.nowMs();
    this.startedAtMs = parts.earlier?.launchedAtMs ?? this.beganAtMs;
    this.#stretches = { workedMs: (parts.earlier ?? NO_STRETCHES).workedMs };
  }

  get state(): RunState {
    return this.#state;
  }

  progress(): RunProgress {
    return {
      runId: this.#parts.runId,
      state: this.#state,
      reason: this.#reason,
      startedAtMs: this.startedAtMs,
      endedAtMs: this.#endedAtMs,
      workedMs: this.#stretches.workedMs,
      workingSinceMs: this.#stretches.workingSinceMs,
      ...this.#parts.counts(),
    };
  }

  watch(listener: RunListener): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  enter(state: RunState, { reason, error, budget }: StateWords = {}): void {
    const { runId, sink, clock } = this.#parts;
    this.#state = state;
    this.#reason = reason;
    const atMs = clock.nowMs();
    this.#stretches = noteRunState(this.#stretches, state, atMs);
    if (isFinalRunState(state)) this.#endedAtMs = atMs;
    sink.emit({ type: 'run.changed', runId, atMs, state, reason, error: error?.toData(), budget });
    for (const listener of this.listeners) listener.changed?.(this.progress());
  }
}
