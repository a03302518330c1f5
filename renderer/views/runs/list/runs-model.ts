import type { RecordedRun } from '../../../../shared/contract/history.ts';
import type { RunProgress } from '../../../../shared/model/run-summary.ts';
import type { RunStretches } from '../../../../shared/model/run-times.ts';
import { isFinalRunState, RUN_STATES, type RunState } from '../../../../shared/model/states.ts';

/** A run as the list shows it, live or recorded. */
export interface RunRow extends RunStretches {
  readonly runId: string;
  readonly fleet: string;
  readonly state: RunState;
  readonly isLive: boolean;
  readonly startedAtMs: number;
  readonly agents: number;
  readonly agentsDone: number;
  readonly agentsFailed: number;
  readonly agentsCutShort: number;
  readonly toolCalls: number;
  readonly tokens: number;
  readonly costUsd: number;
  /** The cost is of a part of the turns only. */
  readonly isPartlyPriced: boolean;
}

/** What the list is narrowed to. */
export const RUN_FILTERS = ['all', 'live', 'done', 'failed', 'stopped', 'interrupted'] as const;
/** One of `RUN_FILTERS`. */
export type RunFilter = (typeof RUN_FILTERS)[number];

/** States to ask history for; `undefined`: any. A run is live in the states that are no end. */
export function toStates(filter: RunFilter): RunState[] | undefined {
  if (filter === 'all') return undefined;
  return filter === 'live'
    ? RUN_STATES.filter(
        (state) => state === 'queued' || state === 'running' || state === 'paused' || state === 'stopping',
      )
    : [filter];
}

/** Live runs first, then those that have ended, just now or long ago; each newest first. */
export function toRunRows(
  live: readonly RunProgress[],
  recorded: readonly RecordedRun[],
  wish: { readonly filter: RunFilter; readonly fleet: string | undefined },
): readonly RunRow[] {
  const liveIds = new Set<string>(live.map(({ runId }) => runId));
  const { filter, fleet } = wish;
  const shownLive = live
    .filter(
      (run) =>
        (fleet === undefined || run.fleet === fleet) &&
        (filter === 'all' || (filter === 'live' ? !isFinalRunState(run.state) : run.state === filter)),
    )
    .map(fromLive);
  const ended = filter === 'live' ? [] : recorded.filter(({ runId }) => !liveIds.has(runId)).map(fromRecorded);
  return [...shownLive, ...ended].toSorted(
    (a, b) => Number(b.isLive) - Number(a.isLive) || b.startedAtMs - a.startedAtMs,
  );
}

function fromLive(run: RunProgress): RunRow {
  return {
    ...run,
    // One that has just ended is still listed for a while.
    isLive: !isFinalRunState(run.state),
    tokens: run.inputTokens + run.outputTokens,
    isPartlyPriced: run.unpricedTurns > 0,
  };
}

function fromRecorded(run: RecordedRun): RunRow {
  return {
    ...run,
    isLive: false,
    agentsFailed: run.failed,
    agentsCutShort: run.cutShort,
    tokens: run.inputTokens + run.outputTokens,
    isPartlyPriced: run.unpricedTurns > 0,
  };
}
