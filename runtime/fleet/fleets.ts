import type { FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { FinishedAgent, RunProgress } from '../../shared/model/run-summary.ts';
import type { RecordedSession } from '../agent/recorded-session.ts';

/** How a plan is launched. */
export interface LaunchOptions {
  /** Only these agents; all when absent. */
  readonly only?: ReadonlySet<number>;
  /** Continues a run: same id, agents from their recorded sessions; those in a final state are not started. */
  readonly resume?: { readonly runId: RunId; readonly sessions: AsyncIterable<RecordedSession> };
}

/** A live run. */
export interface LiveRun {
  readonly runId: RunId;
  progress(): RunProgress;
  /** Called with each agent that reaches a final state and at each change of the run's state. Answers how to stop listening. */
  watch(listener: RunListener): Disposable;
  /** Resolves when the run is in a final state, or paused for its budget, and everything of it has been emitted. */
  readonly settled: Promise<RunProgress>;
}

/** What a watcher of a run hears. */
export interface RunListener {
  agentFinished?(agent: FinishedAgent): void;
  changed?(progress: RunProgress): void;
}

/** Launches fleets and holds those that are live. */
export interface Fleets extends AsyncDisposable {
  /** @throws {AppError} PROVIDER_UNKNOWN, PROVIDER_KEY_MISSING, TOOL_UNKNOWN, PROVIDER_UNREACHABLE before anything starts. */
  launch(plan: FleetPlan, options?: LaunchOptions): Promise<LiveRun>;
  list(): readonly LiveRun[];
  find(runId: RunId): LiveRun | undefined;
  /** Takes effect at each agent's next turn. @throws {AppError} RUN_NOT_LIVE */
  pause(runId: RunId, reason?: string): void;
  /** @throws {AppError} RUN_NOT_LIVE */
  resume(runId: RunId): void;
  /** Asks every agent to end, forces it after `deadlineMs`; resolves when none is left. @throws {AppError} RUN_NOT_LIVE */
  stop(runId: RunId, deadlineMs: number): Promise<void>;
}
