import type { RunProgress } from '../../shared/model/run-summary.ts';
import type { RunRecord } from '../history/history-records.ts';

/** A recorded run in the form of a live one; nothing of it is at work. */
export function toProgress(record: RunRecord): RunProgress {
  const { runId, fleet, state, reason, startedAtMs, endedAtMs, workedMs, workingSinceMs, agents, agentsDone } = record;
  const { turns, toolCalls, toolCallsFailed, retries, inputTokens, outputTokens, costUsd, unpricedTurns } = record;
  const counts = { turns, toolCalls, toolCallsFailed, retries, inputTokens, outputTokens, costUsd, unpricedTurns };
  return {
    runId,
    fleet,
    state,
    reason,
    startedAtMs,
    endedAtMs,
    workedMs,
    workingSinceMs,
    agents,
    agentsDone,
    agentsFailed: record.failed,
    agentsAtLimit: record.atLimit,
    agentsCutShort: record.cutShort,
    agentsRunning: 0,
    ...counts,
  };
}
