import type { AgentTimes } from '../../shared/contract/run-schemas.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { isFinalAgentState } from '../../shared/model/states.ts';
import type { AgentSpans, AgentTimesRequest } from '../history/reader/review/time-sums.ts';
import type { LogSubject } from './agent-log.ts';
import type { RunRooms } from './run-rooms.ts';

/**
 * Where the time of one agent went, as far as it is recorded.
 *
 * A program runs, a model is asked. Asking is what its turns took without their wait for a permit; of the tool calls of a turn, which run side by side, each
 * counts its share of the time that passed. What has begun and not ended counts until now.
 *
 * @throws {AppError} RUN_NOT_FOUND, HISTORY_LOCKED, HISTORY_DAMAGED
 */
export async function readAgentTimes(
  { journal, history: { reader }, clock }: RunRooms,
  { runId, agent }: LogSubject,
): Promise<AgentTimes> {
  const state = journal.find(runId)?.run.table.stateOf(agent);
  const isAtWork = state !== undefined && !isFinalAgentState(state);
  const request = { runId, agent, ...(isAtWork && { nowMs: clock.nowMs() }) };
  if (state === undefined) await reader.getRun(runId);
  const spans = await reader.agentSpans(request);
  if (!spans && state === undefined)
    throw new AppError('RUN_NOT_FOUND', `Run ${runId} has no agent ${agent}; agents are counted from 0.`);
  // Announced, and not recorded yet: it has just begun to wait.
  if (!spans) return { queuedMs: 0, lifeMs: 0, runningMs: 0, askingMs: 0, tools: [], waiting: [] };
  const calls = await sumCalls(reader, request);
  return {
    ...lifeOf(spans, clock.nowMs()),
    runningMs: spans.runningMs,
    askingMs: spans.askingMs,
    tools: calls.tools,
    waiting: waitsOf(spans, calls.waitMs),
  };
}

function lifeOf(spans: AgentSpans, nowMs: number): Pick<AgentTimes, 'queuedMs' | 'lifeMs'> {
  const { addedAtMs, startedAtMs, endedAtMs = nowMs } = spans;
  const beganAtMs = startedAtMs ?? endedAtMs;
  return { queuedMs: Math.max(0, beganAtMs - addedAtMs), lifeMs: Math.max(0, endedAtMs - beganAtMs) };
}

function waitsOf(spans: AgentSpans, laneMs: number): AgentTimes['waiting'] {
  const waits = [
    { reason: 'permit of the provider', ms: spans.permitMs },
    { reason: 'lanes of the tools', ms: laneMs },
    { reason: 'retry', ms: spans.retryMs },
    { reason: 'paused', ms: spans.pausedMs },
    { reason: 'not running', ms: spans.awayMs },
  ];
  return waits.filter(({ ms }) => ms > 0).toSorted((one, other) => other.ms - one.ms);
}

/** Page by page, so that an agent with a million calls holds up no other question for long. */
async function sumCalls(
  reader: RunRooms['history']['reader'],
  request: AgentTimesRequest,
): Promise<{ tools: AgentTimes['tools']; waitMs: number }> {
  const tools = new Map<string, AgentTimes['tools'][number]>();
  let waitMs = 0;
  for (let after: number | undefined, isPart = true; isPart;) {
    const page: Awaited<ReturnType<typeof reader.callTimes>> = await reader.callTimes({ ...request, after });
    for (const { tool, calls, ms } of page.tools) {
      const of = tools.get(tool) ?? { tool, calls: 0, ms: 0 };
      tools.set(tool, { tool, calls: of.calls + calls, ms: of.ms + ms });
    }
    waitMs += page.waitMs;
    after = page.next;
    isPart = after !== undefined;
  }
  return { tools: [...tools.values()].toSorted((one, other) => other.ms - one.ms), waitMs };
}
