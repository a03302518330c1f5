import type { AppError } from '../../../shared/errors/app-error.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { RunId } from '../../../shared/model/ids.ts';
import type { RunProgress } from '../../../shared/model/run-summary.ts';
import { isFinalRunState, type RunState } from '../../../shared/model/states.ts';
import type { Clock } from '../../time/clock.ts';
import type { RunListener } from '../live-run.ts';

/** What a run's standing is kept with. */
export interface RunStandingParts {
  readonly runId: RunId;
  readonly sink: EventSink;
  readonly clock: Clock;
  /** What of its progress others count. */
  readonly counts: () => Omit<RunProgress, 'runId' | 'state' | 'reason' | 'startedAtMs' | 'endedAtMs'>;
}

/** The state of one run and since when; each change leaves as an event and is told to those who watch. */
export class RunStanding {
  readonly startedAtMs: number;
  readonly listeners = new Set<RunListener>();
  readonly #parts: RunStandingParts;
  #endedAtMs: number | undefined;
  #state: RunState = 'queued';
  #reason: string | undefined;

  constructor(parts: RunStandingParts) {
    this.#parts = parts;
    this.startedAtMs = parts.clock.nowMs();
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
      ...this.#parts.counts(),
    };
  }

  watch(listener: RunListener): Disposable {
    this.listeners.add(listener);
    return { [Symbol.dispose]: () => void this.listeners.delete(listener) };
  }

  enter(state: RunState, reason?: string, error?: AppError): void {
    const { runId, sink, clock } = this.#parts;
    this.#state = state;
    this.#reason = reason;
    const atMs = clock.nowMs();
    if (isFinalRunState(state)) this.#endedAtMs = atMs;
    sink.emit({ type: 'run.changed', runId, atMs, state, reason, error: error?.toData() });
    for (const listener of this.listeners) listener.changed?.(this.progress());
  }
}
