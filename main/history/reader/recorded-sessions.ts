import type { RecordedSession } from '../../../runtime/agent/recorded-session.ts';
import type { Message, RequestedCall, StopReason } from '../../../shared/model/conversation.ts';
import type { AgentState, ToolCallState } from '../../../shared/model/states.ts';
import type { Connection } from '../store/database.ts';
import type { Page, PageRequest } from './record-pages.ts';
import { findRunRow } from './run-queries.ts';

const PAGE_SESSIONS = 200;

/** A page ends early at this much text. */
const PAGE_TEXT_LENGTH = 4 * 2 ** 20;

/** What the model is told of a call of an earlier turn whose outcome nobody knows. */
const UNKNOWN_OUTCOME =
  'The outcome of this call is unknown: the program ended while it was running. Check before repeating it.';

interface SessionRow {
  readonly agent: number;
  readonly state: AgentState;
  readonly began_id: number;
  readonly elapsed_ms: number;
  readonly changed_at_ms: number;
  readonly answer: string | null;
  readonly stop: string | null;
}

interface TotalsRow {
  readonly turns: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number;
  readonly unpriced: number;
  readonly calls: number;
  readonly last_call: number;
}

interface TurnRow {
  readonly turn: number;
  readonly text: string;
  readonly tool_calls: string | null;
}

interface CallRow {
  readonly turn: number;
  readonly call: number;
  readonly state: ToolCallState;
  readonly tool: string;
  readonly provider_call_id: string;
  readonly arguments: string;
  readonly output: string | null;
}

/** Agents in the order of the fleet file, each with its conversation; `next` is an agent's number. */
export function recordedSessionPage(connection: Connection | undefined, request: PageRequest): Page<RecordedSession> {
  const run = connection && findRunRow(connection, request.runId);
  if (!connection || run === undefined) return { items: [] };
  const statements = prepare(connection);
  const rows = statements.sessions.all({ run, after: request.after ?? -1, limit: PAGE_SESSIONS }) as SessionRow[];
  const items: RecordedSession[] = [];
  let length = 0;
  for (const row of rows) {
    const session = readSession(statements, run, row);
    items.push(session);
    length += session.messages.reduce((sum, message) => sum + message.text.length, 0);
    if (items.length === PAGE_SESSIONS || length > PAGE_TEXT_LENGTH) return { items, next: row.agent };
  }
  return { items };
}

function readSession(statements: ReturnType<typeof prepare>, run: number, row: SessionRow): RecordedSession {
  const key = { run, agent: row.agent };
  const totals = statements.totals.get(key) as TotalsRow;
  const turns = statements.turns.all({ ...key, from: row.began_id }) as TurnRow[];
  const calls = Map.groupBy(statements.calls.all({ ...key, from: row.began_id }) as CallRow[], ({ turn }) => turn);
  const last = turns.at(-1);
  const messages = turns.flatMap((turn) => toMessages(turn, calls.get(turn.turn) ?? [], turn === last));
  return {
    agent: row.agent,
    state: row.state,
    answer: row.answer ?? last?.text ?? '',
    ...(row.stop !== null && { stop: JSON.parse(row.stop) as StopReason }),
    turns: totals.turns,
    toolCalls: totals.calls,
    lastCall: totals.last_call,
    inputTokens: totals.input_tokens,
    outputTokens: totals.output_tokens,
    costUsd: totals.unpriced > 0 ? undefined : totals.cost_usd,
    elapsedMs: row.elapsed_ms,
    sinceMs: row.changed_at_ms,
    messages,
    unknownCalls: last ? toUnknownCalls(calls.get(last.turn) ?? []) : [],
  };
}

/** A turn's answer and the results of its calls, in the order in which they were asked for. */
function toMessages(turn: TurnRow, calls: readonly CallRow[], isLast: boolean): Message[] {
  const toolCalls = turn.tool_calls === null ? [] : (JSON.parse(turn.tool_calls) as RequestedCall[]);
  const results = new Map<string, CallRow>();
  for (const call of calls) if (hasResult(call)) results.set(call.provider_call_id, call);
  const answer: Message = { role: 'assistant', text: turn.text, toolCalls };
  const toolMessages = toolCalls.flatMap<Message>(({ providerCallId, tool }) => {
    const call = results.get(providerCallId);
    if (call) return { role: 'tool', providerCallId, tool, text: call.output ?? '', failed: call.state !== 'done' };
    return isLast ? [] : { role: 'tool', providerCallId, tool, text: UNKNOWN_OUTCOME, failed: true };
  });
  return [answer, ...toolMessages];
}

/** A call that was cut short by a stop never reached the conversation. */
function hasResult({ state }: CallRow): boolean {
  return state === 'done' || state === 'failed' || state === 'denied';
}

function toUnknownCalls(calls: readonly CallRow[]): RecordedSession['unknownCalls'] {
  const answered = new Set(calls.filter(hasResult).map((call) => call.provider_call_id));
  return calls
    .filter((call) => !hasResult(call) && !answered.has(call.provider_call_id))
    .map(({ call, provider_call_id: providerCallId, tool, arguments: argumentsJson }) => ({
      call,
      providerCallId,
      tool,
      argumentsJson,
    }));
}

function prepare(connection: Connection) {
  return {
    sessions: connection.prepare(`
      SELECT sessions.agent, state, began_id, elapsed_ms, changed_at_ms, answer, stop
      FROM sessions LEFT JOIN answers ON answers.id = answer_id
      WHERE sessions.run = :run AND sessions.agent > :after ORDER BY sessions.agent LIMIT :limit`),
    totals: connection.prepare(`
      SELECT coalesce(max(CASE WHEN state = 'done' THEN turn END), 0) AS turns,
        coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
        coalesce(sum(cost_usd), 0) AS cost_usd, coalesce(sum(state = 'done' AND cost_usd IS NULL), 0) AS unpriced,
        (SELECT coalesce(max(call), 0) FROM tool_calls WHERE run = :run AND agent = :agent) AS last_call,
        (SELECT count(*) FROM tool_calls
         WHERE run = :run AND agent = :agent AND state NOT IN ('running', 'unknown')) AS calls
      FROM turns WHERE run = :run AND agent = :agent`),
    turns: connection.prepare(`
      SELECT turn, text, tool_calls FROM turns
      WHERE run = :run AND agent = :agent AND id > :from AND state = 'done' ORDER BY turn, id`),
    calls: connection.prepare(`
      SELECT turn, call, state, tool, provider_call_id, arguments, output FROM tool_calls
      WHERE run = :run AND agent = :agent AND id > :from ORDER BY call`),
  };
}
