import { isAppError, toAppError } from '../../../shared/errors/app-error.ts';
import type { EventSink } from '../../../shared/events/event-sink.ts';
import type { AgentPlan } from '../../../shared/fleet/fleet-schema.ts';
import type { StopReason } from '../../../shared/model/conversation.ts';
import type { RunId } from '../../../shared/model/ids.ts';
import type { FinishedAgent } from '../../../shared/model/run-summary.ts';
import type { AgentEnd } from '../../agent/agent-context.ts';
import { createAgentState, finalStateOf } from '../../agent/agent-state.ts';
import type { RecordedSession } from '../../agent/recorded-session.ts';
import type { Clock } from '../../time/clock.ts';
import { createAgentTally, type AgentTally } from './run-tally.ts';

/** Records the end of an agent that could not record it itself: one that never started, or a defect. */
export function recordEnd(
  subject: { readonly runId: RunId; readonly agent: number },
  error: unknown,
  ports: { readonly sink: EventSink; readonly clock: Clock },
): AgentEnd {
  const failure = toAppError(error);
  const stop: StopReason = isAppError(error, 'TASK_CANCELLED')
    ? { kind: 'stopped', by: 'operator' }
    : { kind: 'failed', code: failure.code, message: failure.message };
  createAgentState(subject, ports).enter(finalStateOf(stop), { stop, answer: '' });
  return { stop, answer: '' };
}

/** What watchers of the run are told of an agent that has ended after `ms` of work. */
export function toFinishedAgent(plan: AgentPlan, end: AgentEnd, tally: AgentTally, ms: number): FinishedAgent {
  const { index: agent, name, kind } = plan;
  const { turns, toolCalls, inputTokens, outputTokens } = tally;
  const costUsd = tally.unpricedTurns === 0 ? tally.costUsd : undefined;
  const { stop, answer } = end;
  const state = finalStateOf(stop);
  return { agent, name, kind, state, stop, turns, toolCalls, inputTokens, outputTokens, costUsd, ms, answer };
}

/** What an agent had done before this life of its run. */
export function tallyOf(session: RecordedSession | undefined): AgentTally {
  if (!session) return createAgentTally();
  const { turns, toolCalls, inputTokens, outputTokens, costUsd } = session;
  return createAgentTally({
    turns,
    toolCalls,
    inputTokens,
    outputTokens,
    costUsd: costUsd ?? 0,
    unpricedTurns: costUsd === undefined ? turns : 0,
  });
}
