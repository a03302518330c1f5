import type { RuntimeEvent } from '../../shared/events/runtime-event.ts';
import type { FleetBudget, FleetPlan } from '../../shared/fleet/fleet-schema.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { AgentActivity, FinishedAgent, RunProgress } from '../../shared/model/run-summary.ts';
import type { LaneName } from '../admission/gate.ts';
import type { AgentTable } from './agent-table.ts';
import type { ProgramOutput } from './live/program-output.ts';
import type { RunFrames } from './run-frames.ts';

/** The lane that bounds the agents of all runs together. */
export const ALL_RUNS_LANE: LaneName = 'run:all';

/** A live run; its table and figures stay readable after its end for whoever holds it. */
export interface LiveRun {
  readonly runId: RunId;
  readonly plan: FleetPlan;
  /** Its agents as they stand. */
  readonly table: AgentTable;
  /** Its figures by second. */
  readonly frames: RunFrames;
  /** What its programs print while they run. */
  readonly output: ProgramOutput;
  /** When this life of it began (wall clock): its launch, or the resume. */
  readonly beganAtMs: number;
  progress(): RunProgress;
  /** As it stands now: what a resume raised is in it. */
  readonly budget: FleetBudget;
  /** What the first `limit` agents at work do now, in the order in which they began. */
  activity(limit: number): readonly AgentActivity[];
  /** Calls the listener for each agent that reaches a final state and at each change of the run's state, until disposed of. */
  watch(listener: RunListener): Disposable;
  /** Calls the listener with every event of the run as it leaves, after table and figures have taken it in, until disposed of. */
  observe(listener: RunObserver): Disposable;
  /** Resolves when the run is in a final state, or paused for its budget, and everything of it has been emitted; a new promise after each resume. */
  readonly settled: Promise<RunProgress>;
}

/** What an observer of a run is called with; it must not throw and must not take long. */
export type RunObserver = (event: RuntimeEvent) => void;

/** What a watcher of a run hears. */
export interface RunListener {
  agentFinished?(agent: FinishedAgent): void;
  changed?(progress: RunProgress): void;
}
