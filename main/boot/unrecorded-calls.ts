import type { RecordedSession } from '../../runtime/agent/recorded-session.ts';
import type { ToolCallStarted } from '../../shared/events/runtime-event.ts';
import type { RequestedCall } from '../../shared/model/conversation.ts';
import type { RunId } from '../../shared/model/ids.ts';
import type { UnrecordedCall } from '../history/history-records.ts';

/** What the sessions of a resumed run become when calls that history has not are taken into account. */
export interface CompletedSessions {
  readonly sessions: AsyncIterable<RecordedSession>;
  /** Beginnings of the calls that history has not, to be recorded when the run goes on; complete when `sessions` was read. */
  readonly events: readonly ToolCallStarted[];
}

/** The tool of a call whose turn was not recorded either. */
const UNKNOWN_TOOL = 'unknown';

/**
 * Adds to recorded sessions what only the tools' ledger knows: a program that dies has run calls in its last moments whose
 * records were not durable yet. Their numbers are not given out again, and a call of a recorded turn that may have been one
 * of them counts as in flight, so that it is not repeated unless its tool is repeatable.
 */
export function completeSessions(
  recorded: AsyncIterable<RecordedSession>,
  unrecorded: readonly UnrecordedCall[],
  run: { readonly runId: RunId; readonly atMs: number },
): CompletedSessions {
  const byAgent = Map.groupBy(unrecorded, ({ agent }) => agent);
  const events: ToolCallStarted[] = [];
  const complete = async function* (): AsyncGenerator<RecordedSession> {
    for await (const session of recorded) {
      const calls = byAgent.get(session.agent)?.map(({ call }) => call) ?? [];
      const open = calls.length === 0 ? [] : openCallsOf(session);
      for (const call of calls) {
        const asked = open[call - lastCallOf(session) - 1];
        const subject = asked ?? { providerCallId: '', tool: UNKNOWN_TOOL, argumentsJson: '' };
        const turn = asked ? session.turns : session.turns + 1;
        events.push({ type: 'toolCall.started', ...run, agent: session.agent, turn, call, ...subject });
      }
      yield calls.length === 0 ? session : withCalls(session, calls, open);
    }
  };
  return { sessions: complete(), events };
}

/** Calls of the last recorded turn of which nothing is recorded, in the order in which they are run. */
function openCallsOf({ messages, unknownCalls }: RecordedSession): readonly RequestedCall[] {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  const turn = messages[last];
  if (turn?.role !== 'assistant') return [];
  const known = new Set(unknownCalls.map(({ providerCallId }) => providerCallId));
  for (const message of messages.slice(last + 1)) if (message.role === 'tool') known.add(message.providerCallId);
  return turn.toolCalls.filter(({ providerCallId }) => !known.has(providerCallId));
}

function withCalls(
  session: RecordedSession,
  calls: readonly number[],
  open: readonly RequestedCall[],
): RecordedSession {
  const inFlight = open.map((call, position) => ({ ...call, call: lastCallOf(session) + 1 + position }));
  return {
    ...session,
    lastCall: Math.max(lastCallOf(session), ...calls),
    unknownCalls: [...session.unknownCalls, ...inFlight],
  };
}

function lastCallOf({ lastCall, toolCalls }: RecordedSession): number {
  return lastCall ?? toolCalls;
}
