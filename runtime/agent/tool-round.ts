import type { Message, RequestedCall } from '../../shared/model/conversation.ts';
import { toCallId } from '../../shared/model/ids.ts';
import type { AgentContext } from './agent-context.ts';

/** The calls of one turn, as they are run. */
export interface ToolRound {
  readonly agent: number;
  readonly turn: number;
  readonly owner: string;
  readonly signal: AbortSignal;
  /** The `n` of the call id of the first call. */
  readonly firstCall: number;
  readonly calls: readonly RequestedCall[];
}

/**
 * Runs the calls of one turn in parallel and answers their results in the order in which they were asked for.
 *
 * A call that fails is a result for the model to read; nothing is thrown for it.
 */
export async function runToolRound(context: AgentContext, round: ToolRound): Promise<Message[]> {
  const running = round.calls.map((call, position) => runCall(context, round, call, round.firstCall + position));
  return await Promise.all(running);
}

async function runCall(context: AgentContext, round: ToolRound, call: RequestedCall, n: number): Promise<Message> {
  const { clock, sink } = context;
  const { providerCallId, tool, argumentsJson } = call;
  const startedAtMs = clock.nowMs();
  const subject = {
    runId: context.runId,
    agent: round.agent,
    turn: round.turn,
    call: n,
    providerCallId,
    tool,
    argumentsJson,
  } as const;
  sink.emit({ type: 'toolCall.started', atMs: startedAtMs, ...subject });
  const result = await context.tools.call({
    callId: toCallId(round.agent, n),
    tool,
    argumentsJson,
    owner: round.owner,
    signal: round.signal,
  });
  const { state, output, outputBytes, waitMs, ms, error, cached } = result;
  sink.emit({
    type: 'toolCall.finished',
    atMs: clock.nowMs(),
    ...subject,
    state,
    startedAtMs,
    output,
    outputBytes,
    waitMs,
    ms,
    error,
    ...(cached ? { cached } : {}),
  });
  context.control.countToolCall(state !== 'done');
  return { role: 'tool', providerCallId, tool, text: output, failed: state !== 'done' };
}
